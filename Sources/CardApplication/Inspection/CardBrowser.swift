import ByteText
import CardCryptography
public import CardData
public import CardLayout
public import ISO7816

/// Moves about in a card by its layout, as a shell does: directories, files, records, plain commands.
///
/// It keeps only where it is; rights live in the card.
public struct CardBrowser {
    private let conversation: CardConversation
    private let compiled: CompiledCard
    /// The directory that is selected; nil in the master file.
    public private(set) var directory: CompiledDirectory?

    /// A browser that stands in the master file, or where the card stands after a reset.
    public init(_ conversation: CardConversation, _ compiled: CompiledCard) {
        self.conversation = conversation
        self.compiled = compiled
    }

    /// The same browser over another conversation with the same card.
    public func with(_ conversation: CardConversation) -> CardBrowser {
        conversation.stand(where: self.conversation)
        var browser = CardBrowser(conversation, compiled)
        browser.directory = directory
        return browser
    }

    /// Where it stands, such as `/SSSE/DF01`.
    public var path: String {
        guard let directory else { return "/" }
        return (directory.directory?.parent.map { "/\($0)" } ?? "") + "/\(directory.name)"
    }

    /// The directories that can be entered from here.
    public var directories: [CompiledDirectory] {
        let parent = directory?.directory?.parent ?? directory?.name
        return compiled.directories.filter { candidate in
            directory == nil ? candidate.directory?.parent == nil : candidate.directory?.parent == parent
        }
    }

    /// The files of the directory.
    public var files: [CompiledFile] { directory?.files.filter { $0.file != nil } ?? [] }

    /// Names that can follow a command, for completion.
    public var names: [String] { directories.map(\.name) + files.map(\.name) + ["..", "/"] }

    /// Enters a directory by name; `..` leaves it, `/` is the master file.
    ///
    /// Throws `shell.no-such-name`, `shell.not-on-card` and the card's refusal.
    public mutating func enter(_ name: String) throws {
        let commands = CardCommands(profile: compiled.profile)
        let target: CompiledDirectory?
        switch name {
        case "/": target = nil
        case "..": target = directory?.directory?.parent.flatMap(compiled.directory)
        default:
            guard let found = compiled.directory(name) else { throw noSuch(name, known: directories.map(\.name)) }
            target = found
        }
        guard let target else {
            try conversation.perform(.fixed(commands.selectMasterFile()), wantsAnswer: false)
            directory = nil
            return
        }
        guard try CardReader(conversation, compiled, presentsKeys: false).enters(target) else {
            throw Faults("shell.not-on-card", ["name": name])
        }
        directory = target
    }

    /// The record of a file as it stands on the card; `number` counts from 1.
    public func record(_ number: Int, of name: String) throws -> ResponseAPDU {
        let file = try file(name)
        guard (1...254).contains(number) else { throw noSuch(String(number), known: ["1…254"]) }
        let command = CardCommands(profile: compiled.profile)
            .readRecord(number, of: file, length: protectedLength(of: file, number))
        return try send(command, to: name)
    }

    /// The most bytes of a transparent file that one command asks for: fewer where they come under its line protection.
    public func largestRead(of name: String) -> Int {
        directory?.file(name)?.largestRead(compiled.profile) ?? compiled.profile.largestAnswerData
    }

    /// Bytes of a transparent file, at most as many as one command asks for.
    public func bytes(from offset: Int, count: Int, of name: String) throws -> ResponseAPDU {
        let file = try file(name)
        let most = largestRead(of: name)
        guard (0...0x7FFF).contains(offset), (1...most).contains(count) else {
            throw noSuch("\(offset) \(count)", known: ["0…32767 1…\(most)"])
        }
        let commands = CardCommands(profile: compiled.profile)
        if offset > 0xFF { try conversation.perform(.fixed(commands.select(identifier: file.identifier))) }
        return try send(commands.readBinary(offset: offset, of: file, length: count), to: name)
    }

    /// Under the file's line protection where the key for it is at hand; else as it stands, and the card says what is missing.
    private func send(_ command: CommandAPDU, to name: String) throws -> ResponseAPDU {
        guard let file = directory?.file(name), conversation.canRead(file) else {
            return try conversation.send(.fixed(command))
        }
        return try conversation.send(command, to: file)
    }

    /// The length of a record that is read under protection, which the answer itself does not always tell; 0 for all others.
    private func protectedLength(of file: ElementaryFile, _ number: Int) -> Int {
        let isProtected = directory?.file(file.name)?.protection?.isReadProtected ?? false
        return isProtected ? file.recordLength(number) : 0
    }

    /// The values of a file by its layout, read with what has been presented so far.
    public func content(of name: String) throws -> CardContent {
        let file = try file(name)
        guard let directory else { throw noSuch(name, known: []) }
        let commands = CardCommands(profile: compiled.profile)
        let raw: CardContent.RawFile
        var damaged: [Int] = []
        if case .transparent(let size) = file.structure {
            var bytes: [UInt8] = []
            while bytes.count < size {
                let most = directory.file(name)?.largestRead(compiled.profile) ?? compiled.profile.largestAnswerData
                let count = min(most, size - bytes.count)
                let piece = try self.bytes(from: bytes.count, count: count, of: name)
                if piece.statusWord == .dataMayBeCorrupted, bytes.isEmpty, piece.data.isEmpty { break }
                if piece.statusWord == .dataMayBeCorrupted { damaged.append(bytes.count) }
                guard piece.statusWord.isSuccess || piece.statusWord == .dataMayBeCorrupted, !piece.data.isEmpty else {
                    throw CardError.refused(
                        commands.readBinary(offset: bytes.count, of: file, length: 0), piece.statusWord)
                }
                bytes += piece.data
            }
            // a filler from the beginning to the end was written by nobody
            if damaged.first == 0, bytes.allSatisfy({ $0 == 0x00 }) || bytes.allSatisfy({ $0 == 0xFF }) {
                (bytes, damaged) = ([], [])
            }
            raw = .bytes(bytes)
        } else {
            var records: [[UInt8]] = []
            let protection = directory.file(name)?.protection
            let isEnciphered = protection?.isReadProtected == true && protection?.mode == .encipheredWithMAC
            for number in 1...254 {
                // behind the layout's last record nobody knows how long an enciphered one is
                if isEnciphered, protectedLength(of: file, number) == 0 { break }
                let answer = try record(number, of: name)
                if answer.statusWord == .recordNotFound { break }
                guard answer.statusWord.isSuccess || answer.statusWord == .dataMayBeCorrupted else {
                    throw CardError.refused(commands.readRecord(number, of: file, length: 0), answer.statusWord)
                }
                if answer.isDamaged { damaged.append(number) }
                records.append(answer.data)
            }
            raw = .records(records)
        }
        let reading = FileReading(
            directory: directory.name, file: file.name, outcome: raw.outcome, damaged: damaged)
        return CardContent(
            [directory.name: [file.name: raw]], layout: compiled.layout, also: reading.warnings(by: compiled.layout))
    }

    /// Presents the conversation's PIN, of `length` bytes, in this directory.
    public func verifyPIN(length: Int) throws {
        guard let directory, let record = compiled.pinRecord(of: directory) else {
            throw noSuch("PIN", known: compiled.directories.map(\.name))
        }
        try conversation.perform(.verifyPIN(identifier: record.identifier, length: length))
    }

    /// Sends any command.
    public func send(_ command: CommandAPDU) throws -> ResponseAPDU { try conversation.send(.fixed(command)) }

    /// The file of that name here; throws `shell.no-such-name` with the names there are, and `shell.no-file-here` in the master file.
    public func file(_ name: String) throws(Faults) -> ElementaryFile {
        guard let directory else {
            throw Faults(
                "shell.no-file-here",
                ["name": String(name.prefix(40)), "known": directories.map(\.name).joined(separator: " ")])
        }
        guard let file = directory.file(name)?.file else { throw noSuch(name, known: files.map(\.name)) }
        return file
    }

    private func noSuch(_ name: String, known: [String]) -> Faults {
        Faults("shell.no-such-name", ["name": String(name.prefix(40)), "known": known.joined(separator: " ")])
    }
}

extension CardContent.RawFile {
    /// The same as what came of reading the file.
    fileprivate var outcome: FileReading.Outcome {
        switch self {
        case .records(let records): .records(records)
        case .bytes(let bytes): .bytes(bytes)
        }
    }
}
