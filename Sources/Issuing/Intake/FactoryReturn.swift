import ByteText
public import CardData
import CardLayout
import ISO7816
public import Lifecycle
import Personalization
public import Registry

/// 回盘: cards that a factory made for applications, told by its file, come into stock as finished cards.
///
/// Each card is an act like one made here, with an empty plan hash; its blank comes into the book in the same transaction. A row that
/// says why the making failed sends its application back, and the event names the file by its hash: the same file once more sends nothing
/// back again, however many others were booked meanwhile, while another return may tell of the next failure.
///
/// A row whose old card may not end now, because it was held or its cancellation was asked for after the new one was ordered, waits: the
/// others are taken in, and the same file once more takes that row in when the hindrance is gone.
public struct FactoryReturn: Sendable {
    /// What a file holds.
    public struct Survey: Hashable, Sendable {
        /// Rows that were read.
        public var rows = 0
        /// Faults of rows.
        public var faults = 0
        /// Finished cards.
        public var finished = 0
        /// Cards that failed.
        public var failed = 0
        /// Rows that were booked by an earlier run.
        public var booked = 0
        /// Rows that wait, for the old card may not end now.
        public var waiting = 0
        /// Applications of the batch for which the file has no row.
        public var missing: [EventIdentifier] = []
    }

    /// Who books the returns.
    public struct Officers: Sendable {
        /// The making, as personaliser.
        public let maker: Handling
        /// The taking in, as stock keeper.
        public let keeper: Handling

        /// Both hands.
        public init(maker: Handling, keeper: Handling) {
            self.maker = maker
            self.keeper = keeper
        }

        /// One person in both: who answers for the making takes the cards in as well.
        public init(_ maker: Handling) {
            let keeper = Officer(number: maker.officer.number, role: .stockKeeper)
            self.init(maker: maker, keeper: Handling(by: keeper, second: maker.second, proofs: maker.proofs))
        }
    }

    private let file: MappedFile
    private let entry: CardLibrary.Entry
    let registry: Registry
    let batch: String?
    let officers: Officers
    let mark: ReturnMark

    /// A return of a file whose header was found right.
    ///
    /// - Parameter batch: the batch that ordered the cards; nil checks each against whatever was ordered for its person.
    public init(
        _ file: MappedFile, madeBy entry: CardLibrary.Entry, for registry: Registry, batch: String?,
        officers: Officers
    ) throws {
        self.file = file
        let digest = try file.digest()
        guard let mark = ReturnMark(bytes: digest) else {
            throw Faults("issuing.failed", ["reason": digest.hexadecimal])
        }
        self.mark = mark
        self.entry = entry
        self.registry = registry
        self.batch = batch
        self.officers = officers
    }

    /// Judges every row as it would be booked; nothing is changed.
    ///
    /// - Parameter onWaiting: told why a row waits, and what to do with its card.
    public func survey(
        onFault: (Fault) throws -> Void, onWaiting: (Fault) throws -> Void = { _ in }
    ) throws -> Survey {
        var survey = Survey()
        // Where each mark stood first. A hash of it, so that a file of many rows stays small.
        var seen: [Int: Int] = [:]
        var ordered = Set(try openOrders().map(\.identifier))
        let sentBack = try registry.applications(sentBackBy: mark)
        try file.forEachRecord { record in
            survey.rows += 1
            let row = try row(record)
            for (what, text) in row.marks {
                if let first = seen.updateValue(record.place.line, forKey: (what + text).hashValue) {
                    throw Faults("factory-return.twice", ["what": what, "first": String(first)], at: record.place)
                }
            }
            if try isBooked(row, sentBack) {
                survey.booked += 1
                // A booked card has closed its own order, and answers no other; a failure has left its own open.
                if row.card == nil { ordered.subtract(sentBack.intersection(try orders(of: row))) }
                return
            }
            let order = try order(for: row)
            if let order { ordered.remove(order.identifier) }
            do throws(RegistryError) {
                // What was ordered was counted when it was: the end of an old card is no act of today's.
                try registry.check(entries(for: row, order), begun: true)
            } catch {
                if let reasons = Self.reasonsToWait(error, record) {
                    survey.waiting += 1
                    return try reasons.forEach(onWaiting)
                }
                throw Faults(error.faults) ?? Faults("issuing.failed", ["reason": "\(error)"])
            }
            if row.card == nil { survey.failed += 1 } else { survey.finished += 1 }
        } onFault: { fault in
            survey.faults += 1
            try onFault(fault)
        }
        survey.missing = ordered.sorted()
        return survey
    }

    /// Books every row of a file that was found without fault, but those that wait.
    ///
    /// Run again, it goes on where it was broken off, and books what waited and waits no more.
    ///
    /// - Parameter onWaiting: told why a row waits, and what to do with its card.
    /// - Returns: what became of each row.
    @discardableResult public func book(
        progress: (Int) -> Void = { _ in }, onWaiting: (Fault) throws -> Void = { _ in }
    ) throws -> Survey {
        var done = Survey()
        let sentBack = try registry.applications(sentBackBy: mark)
        try file.forEachRecord { record in
            done.rows += 1
            defer { progress(done.rows) }
            let row = try row(record)
            guard try !isBooked(row, sentBack) else {
                done.booked += 1
                return
            }
            let order = try order(for: row)
            do throws(RegistryError) {
                try registry.record(entries(for: row, order))
            } catch {
                // What was ruled on since the file was judged is met here.
                guard let reasons = Self.reasonsToWait(error, record) else { throw error }
                done.waiting += 1
                return try reasons.forEach(onWaiting)
            }
            if row.card == nil { done.failed += 1 } else { done.finished += 1 }
        } onFault: { fault in
            throw Faults(fault)
        }
        return done
    }

    /// Why a row waits, at its place, and what to do with its card; nil where it was refused for something else than the end of the old
    /// card.
    private static func reasonsToWait(_ error: RegistryError, _ record: PersonRecord) -> [Fault]? {
        guard case .refused(let refusal) = error, [.replaceLost, .renew].contains(refusal.transition) else {
            return nil
        }
        let why = refusal.faults.map { Fault($0.code, $0.parameters, at: record.place) }
        return why + [Fault("factory-return.row-waits", ["line": String(record.place.line)], at: record.place)]
    }

    // MARK: - Rows

    /// A row of the file.
    struct Row {
        let person: PersonReference
        /// nil when the making failed.
        let card: (reference: CardReference, facts: CardFacts, serial: ChipSerials)?
        /// Why it failed, as the factory says.
        var failure: FailureNote?

        /// What no two rows may share.
        var marks: [(String, String)] {
            [("person", person.bytes.hexadecimal)]
                + (card.map {
                    [
                        ("chip", $0.facts.blankSerial.hexadecimal), ("card number", $0.facts.number.text),
                        ("identification code", $0.reference.text),
                    ]
                } ?? [])
        }
    }

    private func row(_ record: PersonRecord) throws -> Row {
        var faults = FaultCollector()
        func value<Value>(_ element: String, _ read: (String) throws(Faults) -> Value) -> Value? {
            guard let text = record[element] else { return nil }
            do {
                return try read(text)
            } catch {
                for fault in error.faults {
                    faults.add(fault.code, fault.parameters.merging(["column": element]) { own, _ in own })
                }
                return nil
            }
        }
        let person = value("citizenNumber") { text throws(Faults) in try SocialSecurityNumber(text) }
        let number = value("cardNumber") { text throws(Faults) in try CardNumber(text) }
        let code = value("identificationCode") { text throws(Faults) in try IdentificationCode(hexadecimal: text) }
        let issued = value("issueDate") { text throws(Faults) in try CardDate(text) }
        let expires = value("expiryDate") { text throws(Faults) in try CardDate(text) }
        let failed = record["failure"] != nil
        if !failed {
            let missing =
                ["cardNumber", "identificationCode", "issueDate", "expiryDate"].filter { record[$0] == nil }
                + (record["answerToReset"] == nil && record["chipSerial"] == nil ? ["chipSerial"] : [])
            if !missing.isEmpty {
                faults.add("factory-return.incomplete", ["missing": missing.joined(separator: ", ")])
            }
        }
        let made = ["cardNumber", "identificationCode", "issueDate", "expiryDate"].filter { record[$0] != nil }
        if failed, !made.isEmpty {
            faults.add("factory-return.contradicts", ["also": made.joined(separator: ", "), "column": "failure"])
        }
        let serial = failed ? nil : chip(record)
        if !failed, serial == nil, record["answerToReset"] != nil || record["chipSerial"] != nil {
            faults.add("factory-return.chip", ["column": "chipSerial"])
        }
        if record["citizenNumber"] == nil { faults.add("applicant.value-missing", ["column": "citizenNumber"]) }
        try faults.check()
        guard let person else { throw Faults("issuing.failed", ["reason": "citizenNumber"]) }
        let reference = try registry.reference(of: person)
        guard let number, let code, let issued, let expires, let serial, let serials = ChipSerials([serial]) else {
            return Row(person: reference, card: nil, failure: record["failure"].flatMap(FailureNote.init))
        }
        let compiled = entry.compiled
        let facts = CardFacts(
            number: number, person: reference, layout: compiled.layout.name, profile: compiled.profile.name,
            area: registry.policy.area, issued: issued, expires: expires, blankSerial: serial)
        return Row(person: reference, card: (CardReference(code), facts, serials))
    }

    /// The chip's serial: named, told by the answer to reset, or both alike; nil when it is none.
    private func chip(_ record: PersonRecord) -> [UInt8]? {
        let named = record["chipSerial"].map { [UInt8](hexadecimal: $0) }
        let told = record["answerToReset"].map { text in
            [UInt8](hexadecimal: text).flatMap { try? AnswerToReset(bytes: $0) }
                .flatMap { CardIdentity($0, rule: entry.compiled.profile.identity)?.bytes }
        }
        switch (named, told) {
        case (let named?, nil):
            let length = ChipNumberRule.length(of: entry.compiled.profile)
            return length == nil || named?.count == length ? named : nil
        case (nil, let told?): return told
        case (let named?, let told?): return named == told ? named : nil
        case (nil, nil): return nil
        }
    }
}
