import CardData
public import CardLayout
import ISO7816
import IssuerKeys

/// Changes one element of an issued card: enters the directory, presents what the file's write rule asks for, writes, and reads
/// back what it wrote where a read key opens it, or the PIN where it is given.
public struct ElementUpdate {
    private let conversation: CardConversation
    private let compiled: CompiledCard
    private let pinLength: Int?

    /// An update over a conversation with a card of this kind.
    ///
    /// - Parameter pinLength: bytes of the PIN the conversation has, where it may be presented for reading back.
    public init(_ conversation: CardConversation, _ compiled: CompiledCard, pinLength: Int? = nil) {
        self.conversation = conversation
        self.compiled = compiled
        self.pinLength = pinLength
    }

    /// Writes the records of an element and reads them back; false when nothing that may be presented opens the file for reading.
    ///
    /// A PIN that reading back will need is presented first of all: a wrong one is found out before anything is written.
    ///
    /// Throws ``CardError``, `differs` when the card holds something else afterwards; `card.update-closed` when no key opens the
    /// file for writing, before anything was presented.
    public func write(_ records: [CardImage.Record], to name: String, in directory: CompiledDirectory) throws -> Bool {
        guard let file = directory.file(name), let description = file.file,
            let writing = path(to: file.writeByte, from: 0, in: directory, withPIN: false)
        else { throw Faults("card.update-closed", ["file": "\(directory.name)/\(name)"]) }
        let reader = CardReader(conversation, compiled, presentsKeys: true, pinLength: pinLength)
        guard try reader.enters(directory) else { throw Faults("card.not-personalized") }
        let closed = records.compactMap { readingPath(to: right(of: $0, in: file), from: 0, in: directory) }
            .first { $0.contains { $0.record.isPIN } }
        if let closed {
            for presentation in closed { _ = try reader.present(presentation) }
            guard try reader.enters(directory) else { throw Faults("card.not-personalized") }
        }
        let commands = CardCommands(profile: compiled.profile)
        var state: UInt8 = 0
        for presentation in writing { state = try reader.present(presentation) }
        for record in records {
            try conversation.perform(.fixed(commands.updateRecord(record.number, of: description, record.bytes)))
        }
        for record in records {
            guard let reading = readingPath(to: right(of: record, in: file), from: state, in: directory) else {
                return false
            }
            for presentation in reading { state = try reader.present(presentation) }
            let found = try conversation.perform(
                .fixed(commands.readRecord(record.number, of: description, length: record.bytes.count)))
            guard found == record.bytes else {
                throw CardError.differs(place: "\(directory.name)/\(name)/\(record.element)")
            }
        }
        return true
    }

    private func right(of record: CardImage.Record, in file: CompiledFile) -> UInt8 {
        record.tag.flatMap { file.recordReadBytes[$0] } ?? file.readByte
    }

    /// With keys alone where they open it, else with the PIN.
    private func readingPath(
        to right: UInt8, from state: UInt8, in directory: CompiledDirectory
    ) -> [AccessPath.Presentation]? {
        let byKeys = path(to: right, from: state, in: directory, withPIN: false)
        if byKeys != nil || pinLength == nil { return byKeys }
        return path(to: right, from: state, in: directory, withPIN: true)
    }

    /// Keys that are not masters: a counter changes data with the update key of the file.
    private func path(
        to right: UInt8, from state: UInt8, in directory: CompiledDirectory, withPIN: Bool
    ) -> [AccessPath.Presentation]? {
        AccessPath.find(
            right: right, from: state, own: directory.security, inherited: compiled.pinRecord(of: directory)
        ) { presentation in
            if case .pin = presentation { withPIN } else { !presentation.record.isMaster }
        }
    }
}
