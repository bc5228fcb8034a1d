import CardData
public import CardLayout
import ISO7816
import IssuerKeys

/// Changes one element of an issued card, or gives a cyclic file a new record: enters the directory, reads what may be read of it, and where
/// something differs presents what the file's write rule asks for, writes those records, and reads them back.
///
/// A read key opens the records, or the PIN where it is given; what nothing opens is written unseen. A cyclic file that can be read and whose
/// newest record is the new one already gets none: so what was torn behind the card's answer can be run again.
public struct ElementUpdate {
    /// What became of an update.
    public enum Outcome: Hashable, Sendable {
        /// The card held the value already: nothing was written, and no update key presented.
        case unchanged
        /// So many records were written, and read back or not.
        case written(records: Int, isReadBack: Bool)
    }

    private let conversation: CardConversation
    private let compiled: CompiledCard
    private let pinLength: Int?

    /// An update over a conversation with a card of this kind.
    ///
    /// - Parameter pinLength: bytes of the PIN the conversation has, where it may be presented for reading.
    public init(_ conversation: CardConversation, _ compiled: CompiledCard, pinLength: Int? = nil) {
        self.conversation = conversation
        self.compiled = compiled
        self.pinLength = pinLength
    }

    /// Whether the card holds these records already, as far as anybody may read them: nothing is presented, and nothing changed.
    ///
    /// - Throws: what the channel does; `card.update-closed` as ``write(_:to:in:)``, `card.not-personalized`.
    public func isAlready(
        _ records: [CardImage.Record], in name: String, of directory: CompiledDirectory
    ) throws -> Bool {
        let file = try writableFile(name, in: directory)
        guard records.allSatisfy({ AccessPath.opens(right(of: $0, in: file.compiled), 0) }),
            file.compiled.protection?.isReadProtected != true
        else { return false }
        try enter(directory)
        return try differing(records, in: file.description, file.compiled).isEmpty
    }

    /// Writes the records of an element that the card does not hold yet, and reads them back; of a cyclic file one record, number 1.
    ///
    /// What is to be compared or read back with the PIN is opened with it first of all: a wrong one is found out before anything is written.
    ///
    /// Throws ``CardError``, `differs` when the card holds something else afterwards; `card.update-closed` when no key opens the
    /// file for writing, before anything was presented.
    public func write(
        _ records: [CardImage.Record], to name: String, in directory: CompiledDirectory
    ) throws -> Outcome {
        let file = try writableFile(name, in: directory)
        let reader = CardReader(conversation, compiled, presentsKeys: true, pinLength: pinLength)
        try conversation.meet(compiled)
        try enter(directory)
        var state: UInt8 = 0
        var wanted = records
        // The records of one element have one right.
        let right = records.first.map { self.right(of: $0, in: file.compiled) } ?? file.compiled.readByte
        if let reading = readingPath(to: right, from: state, in: directory) {
            for presentation in reading { state = try reader.present(presentation) }
            wanted = try differing(records, in: file.description, file.compiled)
            guard !wanted.isEmpty else { return .unchanged }
        }
        if path(to: file.compiled.writeByte, from: state, in: directory, withPIN: false) == nil {
            try enter(directory)
            state = 0
        }
        for presentation in path(to: file.compiled.writeByte, from: state, in: directory, withPIN: false) ?? [] {
            state = try reader.present(presentation)
        }
        let commands = CardCommands(profile: compiled.profile)
        for record in wanted {
            let command =
                if case .cyclic = file.description.structure {
                    try commands.appendCyclic(to: file.description, record.bytes)
                } else {
                    try commands.updateRecord(record.number, of: file.description, record.bytes)
                }
            try conversation.perform(command, to: file.compiled)
        }
        guard let reading = readingPath(to: right, from: state, in: directory) else {
            return .written(records: wanted.count, isReadBack: false)
        }
        for presentation in reading { state = try reader.present(presentation) }
        for record in wanted {
            let command = commands.readRecord(record.number, of: file.description, length: record.bytes.count)
            guard try conversation.perform(command, to: file.compiled) == record.bytes else {
                throw CardError.differs(place: "\(directory.name)/\(name)/\(record.element)")
            }
        }
        return .written(records: wanted.count, isReadBack: true)
    }

    // MARK: -

    /// The file where a key opens it for writing.
    private func writableFile(
        _ name: String, in directory: CompiledDirectory
    ) throws(Faults) -> (compiled: CompiledFile, description: ElementaryFile) {
        guard let file = directory.file(name), let description = file.file,
            path(to: file.writeByte, from: 0, in: directory, withPIN: false) != nil
        else { throw Faults("card.update-closed", ["file": "\(directory.name)/\(name)"]) }
        return (file, description)
    }

    private func enter(_ directory: CompiledDirectory) throws {
        let reader = CardReader(conversation, compiled, presentsKeys: false)
        guard try reader.enters(directory) else { throw Faults("card.not-personalized") }
    }

    /// Those of the records that the card does not hold as they are; one that it does not give is among them.
    private func differing(
        _ records: [CardImage.Record], in file: ElementaryFile, _ compiledFile: CompiledFile
    ) throws -> [CardImage.Record] {
        let commands = CardCommands(profile: compiled.profile)
        return try records.filter { record in
            let command = commands.readRecord(record.number, of: file, length: record.bytes.count)
            let found = try conversation.send(command, to: compiledFile)
            // Under the same key the next record would only bring the card nearer to its lock.
            guard !found.statusWord.refusesMAC else {
                throw CardError.refused(
                    CommandAPDU(command.cla, command.ins, command.p1, command.p2), found.statusWord)
            }
            return !found.statusWord.isSuccess || found.data != record.bytes
        }
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
