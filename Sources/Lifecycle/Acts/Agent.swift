public import CardData

/// 代办人: who comes in the holder's place, by the document that they showed; in a log only sealed.
public struct Agent: Hashable, Sendable {
    /// The shortest and the longest number of a document.
    private static let lengths = 5...20

    /// The name.
    public let name: PersonName
    /// The number of the document: a citizen's number, a passport's, a permit's.
    public let document: String

    /// An agent; throws every fault of name and document, `agent.document` among them.
    public init(name: String, document: String) throws(Faults) {
        var faults = FaultCollector()
        let found = faults.attempt { () throws(Faults) in try Self.checked(name) }
        let typed = document.filter { !$0.isWhitespace }
        // Letters of other alphabets become plain ones when they are made capitals: another document's number than was typed.
        let isPlain = typed.utf8.allSatisfy { $0 < 0x80 }
        let number = typed.uppercased()
        if !isPlain || !Self.lengths.contains(number.utf8.count)
            || !number.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
        {
            faults.add(
                "agent.document", ["least": String(Self.lengths.lowerBound), "most": String(Self.lengths.upperBound)])
        } else if number.utf8.count == 18 {
            // As long as a citizen's number it is one.
            _ = faults.attempt { () throws(Faults) in try CitizenNumber(number) }
        }
        try faults.check()
        guard let found else { throw Faults("name.empty") }
        self.name = found
        self.document = number
    }

    /// The name, as any name here is written; of characters outside GBK it is told why they do not do, though no card bears an agent's name.
    private static func checked(_ text: String) throws(Faults) -> PersonName {
        do throws(Faults) {
            let name = try PersonName(text)
            try name.check()
            return name
        } catch {
            var faults = FaultCollector()
            for fault in error.faults {
                if fault.code == "name.not-in-gbk" {
                    faults.add("agent.name-not-in-gbk", ["characters": fault.parameters["characters"] ?? ""])
                } else {
                    faults.add(fault)
                }
            }
            try faults.check()
            throw error
        }
    }

    /// The number as pages and slips show it.
    public var maskedDocument: String {
        document.prefix(2) + String(repeating: "*", count: document.count - 4) + document.suffix(2)
    }

    /// What is sealed: name and document, a line each.
    public var plain: [UInt8] { Array("\(name.text)\n\(document)".utf8) }

    /// Reads ``plain``; nil for anything else.
    public init?(plain: [UInt8]) {
        let lines = String(decoding: plain, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 2, let agent = try? Agent(name: String(lines[0]), document: String(lines[1])) else {
            return nil
        }
        self = agent
    }
}

extension Agent: CustomStringConvertible {
    /// Name and document masked.
    public var description: String { "\(name.masked) \(maskedDocument)" }
}
