import CardData
public import CardLayout
import ISO7816
import IssuerKeys

/// Changes one element of an issued card: enters the directory, presents what the file's write rule asks for, writes, and reads
/// back what it wrote where a read key opens it.
public struct ElementUpdate {
    private let conversation: CardConversation
    private let compiled: CompiledCard

    /// An update over a conversation with a card of this kind.
    public init(_ conversation: CardConversation, _ compiled: CompiledCard) {
        self.conversation = conversation
        self.compiled = compiled
    }

    /// Writes the records of an element and reads them back; false when no key that may be presented opens the file for reading.
    ///
    /// Throws ``CardError``, `differs` when the card holds something else afterwards; `card.update-closed` when no key opens the
    /// file for writing, before anything was presented.
    public func write(_ records: [CardImage.Record], to name: String, in directory: CompiledDirectory) throws -> Bool {
        guard let file = directory.file(name), let description = file.file,
            let writing = path(to: file.writeByte, from: 0, in: directory)
        else { throw Faults("card.update-closed", ["file": "\(directory.name)/\(name)"]) }
        let reader = CardReader(conversation, compiled, presentsKeys: true)
        guard try reader.enters(directory) else { throw Faults("card.not-personalized") }
        let commands = CardCommands(profile: compiled.profile)
        var state: UInt8 = 0
        for presentation in writing { state = try reader.present(presentation) }
        for record in records {
            try conversation.perform(.fixed(commands.updateRecord(record.number, of: description, record.bytes)))
        }
        for record in records {
            let right = record.tag.flatMap { file.recordReadBytes[$0] } ?? file.readByte
            guard let reading = path(to: right, from: state, in: directory) else { return false }
            for presentation in reading { state = try reader.present(presentation) }
            let found = try conversation.perform(
                .fixed(commands.readRecord(record.number, of: description, length: record.bytes.count)))
            guard found == record.bytes else {
                throw CardError.differs(place: "\(directory.name)/\(name)/\(record.element)")
            }
        }
        return true
    }

    /// Keys that are not masters: a counter changes data with the update key of the file.
    private func path(
        to right: UInt8, from state: UInt8, in directory: CompiledDirectory
    ) -> [AccessPath.Presentation]? {
        AccessPath.find(right: right, from: state, own: directory.security, inherited: nil) { presentation in
            guard case .key(let record) = presentation else { return false }
            return !record.isMaster
        }
    }
}
