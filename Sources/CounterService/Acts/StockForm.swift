import ByteText
import CardData
import Lifecycle

/// What a window does with stock.
enum StockForm: String, CaseIterable {
    case receive
    case handOver = "hand-over"
    case missing
    case destroy
    case sendBack = "return"
    case install
    case takeOut = "take-out"
    case closeDay = "close-day"

    /// The kind of piece that is meant where the form names none.
    var usualKind: StockKind { self == .destroy ? .spoiled : kinds.count == 1 ? kinds[0] : .blank }

    /// The kinds of pieces that it is about.
    var kinds: [StockKind] {
        switch self {
        case .install, .takeOut: [.securityModule]
        // A terminal is lost with what is built into it.
        case .missing: StockKind.atHand + [.installed]
        default: StockKind.atHand
        }
    }

    /// Whether it names a terminal.
    var wantsTerminal: Bool { self == .install || self == .takeOut }

    /// The row of the table that judges it.
    var row: TransitionRow {
        switch self {
        case .receive: TransitionTable.row(.receiveStock)
        case .handOver: TransitionTable.row(.handOverStock)
        case .missing: TransitionTable.row(.missStock)
        case .destroy: TransitionTable.row(.destroyStock)
        case .sendBack: TransitionTable.row(.returnStock)
        case .install: TransitionTable.row(.installModule)
        case .takeOut: TransitionTable.row(.takeOutModule)
        case .closeDay: TransitionTable.row(.closeDay)
        }
    }

    /// The act that a form asks for; throws every fault of its fields.
    ///
    /// - Parameter read: the chips that the service read itself; all others were typed, and the event of the day's end says so.
    func act(
        by person: Operator, today: UInt32, _ fields: Fields, read: Set<[UInt8]> = []
    ) throws(Faults) -> Act {
        guard self != .closeDay else {
            let counted = try Self.counted(fields)
            let typed = counted.values.flatMap(\.serials).filter { !read.contains($0) }
            guard typed.count <= ChipSerials.limit else {
                throw Faults(
                    "counter.serials-typed", ["count": String(typed.count), "most": String(ChipSerials.limit)])
            }
            return .dayClosed(
                DayCount(
                    day: today, owner: person.number, counted: counted,
                    typed: ChipSerials(typed)))
        }
        var faults = FaultCollector()
        let kind = kinds.count == 1 ? kinds[0] : kinds.first { $0.name == fields["kind"] }
        if kind == nil {
            let known = kinds.map(\.name).joined(separator: " ")
            faults.add("counter.choice", ["field": "kind", "form": "stock", "known": known])
        }
        let serials = faults.attempt { () throws(Faults) in try Self.serials(fields["serials"], of: "serials") }
        let terminal =
            wantsTerminal
            ? faults.attempt { () throws(Faults) in try TerminalNumber(fields.number("terminal")) } : nil
        try faults.check()
        guard let kind, let serials else { throw Faults("counter.serials", ["field": "serials", "most": ""]) }
        switch self {
        case .receive: return .stock(.received(kind, serials))
        case .missing: return .stock(.missed(kind, serials, of: try Self.owner(fields)))
        case .destroy: return .stock(.destroyed(kind, serials))
        case .sendBack: return .stock(.returned(kind, serials))
        case .install, .takeOut:
            guard let terminal else { throw Faults("stock.terminal-number", ["number": ""]) }
            return .stock(self == .install ? .installed(serials, in: terminal) : .takenOut(serials, of: terminal))
        default:
            // The taker is whoever signs as the second person; without one the rules say what is missing.
            let taker = UInt64(fields.number("second-number")) ?? person.number
            return .stock(.handedOver(kind, serials, from: person.number, to: taker))
        }
    }

    /// Whose pieces are missed; nil for the officer's own.
    private static func owner(_ fields: Fields) throws(Faults) -> UInt64? {
        guard !fields["owner"].isEmpty else { return nil }
        guard let owner = UInt64(fields.number("owner")) else { throw Faults("counter.stock-owner") }
        return owner
    }

    private static func counted(_ fields: Fields) throws(Faults) -> [StockKind: ChipSerials] {
        var faults = FaultCollector()
        var counted: [StockKind: ChipSerials] = [:]
        for kind in StockKind.atHand where !fields["serials-\(kind.name)"].isEmpty {
            counted[kind] = faults.attempt { () throws(Faults) in
                try serials(
                    fields["serials-\(kind.name)"], of: "serials-\(kind.name)", atMost: ChipSerials.countLimit)
            }
        }
        try faults.check()
        return counted
    }

    /// No page tells more lines of one field.
    private static let shownFaults = 20

    private static func serials(
        _ text: String, of field: String, atMost most: Int = ChipSerials.limit
    ) throws(Faults) -> ChipSerials {
        var faults = FaultCollector()
        var bytes: [[UInt8]] = []
        var seen: Set<[UInt8]> = []
        for (index, line) in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            for scalars in line.split(whereSeparator: { $0.properties.isWhitespace || $0 == "," || $0 == "，" }) {
                let word = String(scalars)
                guard let serial = [UInt8](hexadecimal: word), (1...16).contains(serial.count),
                    seen.insert(serial).inserted
                else {
                    // Two thousand lines of something else would be two thousand faults.
                    if faults.faults.count < shownFaults {
                        faults.add(
                            "counter.serial-line",
                            ["field": field, "line": String(index + 1), "value": String(word.prefix(40))])
                    }
                    break
                }
                bytes.append(serial)
            }
        }
        try faults.check()
        guard let serials = ChipSerials(bytes, atMost: most) else {
            throw Faults("counter.serials", ["field": field, "most": String(most)])
        }
        return serials
    }
}
