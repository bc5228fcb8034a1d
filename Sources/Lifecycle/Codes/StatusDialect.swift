public import CardData
import Foundation

/// The codes by which a region tells a card's state, and how far its making has come (`Resources/status-dialects.yaml`).
public struct StatusDialect: Hashable, Sendable {
    /// What a code says of a card that is being made.
    public enum Stage: Hashable, Sendable {
        /// Its application stands there.
        case standing(ApplicationState)
        /// Its making has failed; whoever asked for it is to know, and it is made again.
        case failed

        init?(word: String) {
            if word == "failed" {
                self = .failed
            } else if let state = ApplicationState(rawValue: word) {
                self = .standing(state)
            } else {
                return nil
            }
        }
    }

    /// The region's or system's name in the file.
    public let name: String
    /// The field that carries the code, for example `AAZ502`.
    public let field: String
    private let codes: [ShownState: String]
    private let ends: [EndReason: String]
    private let production: [String: Stage]

    /// The code of a card's state; nil when the dialect has none for it.
    public func code(of state: CardState) -> String? {
        if let reason = state.social.endReason, let code = ends[reason] { return code }
        return codes[state.shown]
    }

    /// The states that a code may stand for; none for a code that the dialect does not have.
    public func states(of code: String) -> Set<ShownState> {
        var found = Set(codes.filter { $0.value == code }.map(\.key))
        if ends.values.contains(code) { found.insert(.ended) }
        return found
    }

    /// How far a card's making has come by this code; nil for one that the dialect does not have, which is unknown and neither good nor bad.
    public func stage(of code: String) -> Stage? { production[code] }
}

extension StatusDialect {
    /// The dialects that the program brings.
    ///
    /// - Throws: every fault of the file at once.
    public static func all() throws(Faults) -> [StatusDialect] {
        guard let path = Bundle.module.path(forResource: "status-dialects", ofType: "yaml") else {
            throw Faults("status-dialect.missing")
        }
        return try read(try DataFile.read(path))
    }

    /// The national code AAZ502 of every word shown, as a number.
    ///
    /// - Throws: the file's faults, and `status-dialect.missing` where the national dialect is not there or leaves a word out.
    public static func nationalCodes() throws(Faults) -> [ShownState: UInt8] {
        guard let national = try all().first(where: { $0.name == "national" }) else {
            throw Faults("status-dialect.missing")
        }
        let codes = national.codes.compactMapValues { UInt8($0) }
        guard codes.count == ShownState.allCases.count else { throw Faults("status-dialect.missing") }
        return codes
    }

    /// The dialects of a text; `file` is the name that faults carry.
    public static func parse(_ text: String, file: String) throws(Faults) -> [StatusDialect] {
        try read(try DataFile.parse(text, file: file))
    }

    private static func read(_ root: YAMLNode) throws(Faults) -> [StatusDialect] {
        var faults = FaultCollector()
        var dialects: [StatusDialect] = []
        for entry in try root.mapping {
            let dialect = faults.attempt { () throws(Faults) in try StatusDialect(entry.key, entry.value) }
            if let dialect { dialects.append(dialect) }
        }
        try faults.check()
        return dialects
    }

    private init(_ name: String, _ node: YAMLNode) throws(Faults) {
        var faults = FaultCollector()
        node.unknownKeys(allowed: ["field", "codes", "ends", "production"]).forEach { faults.add($0) }
        let field = faults.attempt { () throws(Faults) in try node.required("field").string }
        var codes: [ShownState: String] = [:]
        var ends: [EndReason: String] = [:]
        var production: [String: Stage] = [:]
        let isOfProduction = node["production"] != nil
        let shown =
            faults.attempt { () throws(Faults) in
                try isOfProduction ? node["codes"]?.mapping ?? [] : node.required("codes").mapping
            } ?? []
        for entry in shown {
            guard let state = ShownState(rawValue: entry.key) else {
                faults.add("status-dialect.unknown-state", ["value": entry.key], at: entry.value.place)
                continue
            }
            codes[state] = faults.attempt { () throws(Faults) in try entry.value.string }
        }
        for entry in faults.attempt({ () throws(Faults) in try node["ends"]?.mapping ?? [] }) ?? [] {
            guard let reason = EndReason.allCases.first(where: { $0.english == entry.key }) else {
                faults.add("status-dialect.unknown-state", ["value": entry.key], at: entry.value.place)
                continue
            }
            ends[reason] = faults.attempt { () throws(Faults) in try entry.value.string }
        }
        for entry in faults.attempt({ () throws(Faults) in try node["production"]?.mapping ?? [] }) ?? [] {
            guard let word = faults.attempt({ () throws(Faults) in try entry.value.string }) else { continue }
            guard let stage = Stage(word: word) else {
                faults.add("status-dialect.unknown-stage", ["value": word], at: entry.value.place)
                continue
            }
            production[entry.key] = stage
        }
        try faults.check()
        self.name = name
        self.production = production
        self.field = field ?? ""
        self.codes = codes
        self.ends = ends
    }
}
