import ArgumentParser
import ByteText
import CardData
import Lifecycle

/// 代办人: who comes in the holder's place to report a loss or to collect a card.
struct AgentOptions: ParsableArguments {
    @Option(
        help: """
            代办人 A file of two lines, the agent's name and the number of the document that was seen (--proof agent-document); \
            /dev/stdin reads them from there.
            """)
    var agent: String?

    /// Who came; nil for the holder.
    ///
    /// - Throws: `counter.agent-missing` where a document was seen and nobody is named, `counter.agent-unseen` where somebody is
    ///   named whose document nobody has seen, and what is wrong with the file, the name and the number.
    func named(seen proofs: Proofs) throws(Faults) -> Agent? {
        guard let agent else {
            if proofs.contains(.agentDocument) { throw Faults("counter.agent-missing") }
            return nil
        }
        guard proofs.contains(.agentDocument) else { throw Faults("counter.agent-unseen") }
        guard let text = String(validating: try DataFile.bytes(of: agent), as: UTF8.self) else {
            throw Faults("data-file.not-utf8", ["path": agent])
        }
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(String.UnicodeScalarView(line.filter { $0 != "\r" }))
        }
        guard lines.count >= 2, lines.dropFirst(2).allSatisfy(\.isEmpty) else { throw Faults("tool.agent-file") }
        return try Agent(name: lines[0], document: lines[1])
    }
}
