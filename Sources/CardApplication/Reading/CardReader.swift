public import CardLayout
import ISO7816
import IssuerKeys

/// Reads a card as its layout describes it, presenting only what opens the files and never trying twice.
public struct CardReader {
    let conversation: CardConversation
    let compiled: CompiledCard
    let presentsKeys: Bool
    private let pinLength: Int?

    /// A reader for one card.
    ///
    /// - Parameters:
    ///   - presentsKeys: whether read keys are presented; false for a place without keys.
    ///   - pinLength: bytes of the PIN the conversation has, where the PIN may be presented.
    public init(
        _ conversation: CardConversation, _ compiled: CompiledCard, presentsKeys: Bool, pinLength: Int? = nil
    ) {
        self.conversation = conversation
        self.compiled = compiled
        self.presentsKeys = presentsKeys
        self.pinLength = pinLength
    }

    /// Reads the files of the named directories, of all when nil; a directory the card does not have is left out, and one that it does
    /// not open, locked for instance, has each file ``FileReading/Outcome/refused(_:)``.
    ///
    /// Reading follows the ``ReadingOrder`` of the layout; what is handed back stands in the order of the layout.
    ///
    /// - Parameter progress: told after each file, as soon as it has been read.
    public func read(
        directories names: Set<String>? = nil, progress: (FileReading) -> Void = { _ in }
    ) throws(CardError) -> [FileReading] {
        var readings: [FileReading] = []
        // Directories whose applications can be selected by name from where the card stands: the current one and the one it lies in.
        var holders: Set<String> = []
        // Directories that were entered: one that is not found later is there all the same.
        var entered: Set<String> = []
        // A blank card and one without the layout's directories refuse as well: only beside what was entered does a refusal say that
        // the directory is there.
        func tell(_ answer: StatusWord, of files: [CompiledFile], in directory: CompiledDirectory, isThere: Bool) {
            guard isThere || answer != .fileNotFound && !holders.isEmpty else { return }
            for file in files where file.file != nil {
                readings.append(
                    FileReading(directory: directory.name, file: file.name, outcome: .refused(answer)))
                progress(readings[readings.count - 1])
            }
        }
        // A line-protection key whose MAC the card does not take is not used again: three times in a row lock the application.
        var shutLines: Set<String> = []
        for stay in ReadingOrder(compiled).stays where names?.contains(stay.directory.name) ?? true {
            let directory = stay.directory
            let parent = directory.directory?.parent.flatMap(compiled.directory)
            if let parent, !holders.contains(parent.name) {
                let answer = try selecting(parent).answer
                guard answer.isSuccess else {
                    tell(answer, of: stay.files, in: directory, isThere: entered.contains(parent.name))
                    continue
                }
                entered.insert(parent.name)
                holders = [parent.name]
            }
            let answer = try selecting(directory).answer
            guard answer.isSuccess else {
                tell(answer, of: stay.files, in: directory, isThere: entered.contains(directory.name))
                continue
            }
            entered.insert(directory.name)
            holders = [directory.name]
            if let parent { holders.insert(parent.name) }
            // a card that the books do not know proves itself before its first MAC, in a directory of its own
            if stay.files.contains(where: readsUnderLineKey), try conversation.meet(compiled) {
                let answer = try reentering(directory)
                guard answer.isSuccess else {
                    tell(answer, of: stay.files, in: directory, isThere: true)
                    continue
                }
            }
            var state: UInt8 = 0
            // Files that are open already come first; each presentation then opens as many as it can.
            var waiting = stay.files
            // Records of one file can ask for states that exclude each other; its turn comes once, and what is closed then stays so.
            var presentedFor: Set<String> = []
            var refused: Set<KeyRecord> = []
            while !waiting.isEmpty {
                let ready = waiting.filter { file in
                    presentedFor.contains(file.name)
                        || path(to: file, from: state, in: directory, without: refused)?.isEmpty ?? true
                }
                for file in ready {
                    let isOpen = path(to: file, from: state, in: directory, without: refused) != nil
                    var damaged: [Int] = []
                    let outcome =
                        isOpen
                        ? try read(file, without: &shutLines, noting: &damaged) : .notOpen
                    readings.append(
                        FileReading(directory: directory.name, file: file.name, outcome: outcome, damaged: damaged))
                    progress(readings[readings.count - 1])
                }
                waiting.removeAll { ready.contains($0) }
                let paths = waiting.compactMap { file in
                    path(to: file, from: state, in: directory, without: refused).map { (name: file.name, path: $0) }
                }
                guard let next = paths.min(by: { $0.path.count < $1.path.count }) else { break }
                // a card that the books do not know proves itself before its first key, in a directory of its own
                if next.path.contains(where: \.isKey), try conversation.meet(compiled) {
                    let answer = try reentering(directory)
                    guard answer.isSuccess else {
                        tell(answer, of: waiting, in: directory, isThere: true)
                        break
                    }
                    state = 0
                    continue
                }
                if let reached = try present(next.path, unless: &refused) {
                    presentedFor.insert(next.name)
                    state = reached
                } else {
                    // Whether a refusal changes the register is the card's own affair: the directory is entered anew.
                    let answer = try selecting(directory).answer
                    guard answer.isSuccess else {
                        tell(answer, of: waiting, in: directory, isThere: true)
                        break
                    }
                    state = 0
                }
            }
        }
        let order = Dictionary(
            compiled.directories.flatMap { directory in
                directory.files.map { "\(directory.name)/\($0.name)" }
            }.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        return readings.sorted {
            order["\($0.directory)/\($0.file)", default: 0] < order["\($1.directory)/\($1.file)", default: 0]
        }
    }

    // MARK: -

    var commands: CardCommands { CardCommands(profile: compiled.profile) }

    /// Selects a directory, an application from inside the directory that holds it; false when the card does not have it.
    func enters(_ directory: CompiledDirectory) throws(CardError) -> Bool {
        if let parent = directory.directory?.parent.flatMap(compiled.directory), try !enter(parent) { return false }
        return try enter(directory)
    }

    /// Selects a directory that shall be written to; false when the card does not have it.
    ///
    /// - Throws: ``CardError/refused(_:_:)`` when the card has it and does not open it, locked for instance: what is left out is then
    ///   not missing.
    func entersUnlocked(_ directory: CompiledDirectory) throws(CardError) -> Bool {
        if let parent = directory.directory?.parent.flatMap(compiled.directory), try !enter(parent) { return false }
        let (command, answer) = try selecting(directory)
        switch answer {
        case .success: return true
        case .fileNotFound: return false
        default: throw .refused(command, answer)
        }
    }

    /// Selects a directory again, an application from inside the one that holds it; what the card says to it.
    private func reentering(_ directory: CompiledDirectory) throws(CardError) -> StatusWord {
        if let parent = directory.directory?.parent.flatMap(compiled.directory) {
            let answer = try selecting(parent).answer
            guard answer.isSuccess else { return answer }
        }
        return try selecting(directory).answer
    }

    private func enter(_ directory: CompiledDirectory) throws(CardError) -> Bool {
        try selecting(directory).answer.isSuccess
    }

    private func selecting(
        _ directory: CompiledDirectory
    ) throws(CardError) -> (command: CommandAPDU, answer: StatusWord) {
        let command = try conversation.building { () throws(CommandAPDU.Malformed) in
            if let name = directory.directory.flatMap(compiled.profile.selectionName) {
                return try commands.select(name: name)
            }
            return try commands.select(identifier: directory.identifier)
        }
        return (command, try conversation.send(.fixed(command), wantsAnswer: false).statusWord)
    }

    private func path(
        to file: CompiledFile, from state: UInt8, in directory: CompiledDirectory, without refused: Set<KeyRecord>
    ) -> [AccessPath.Presentation]? {
        // The strictest of the file's rights: with it every record can be read.
        let rights = [file.readByte] + (presentsKeys ? Array(file.recordReadBytes.values) : [])
        let closed = rights.first { !AccessPath.opens($0, state) }
        guard let closed else { return [] }
        return AccessPath.find(
            right: closed, from: state, own: directory.security, inherited: compiled.pinRecord(of: directory)
        ) { presentation in
            guard !refused.contains(presentation.record) else { return false }
            return switch presentation {
            case .pin: pinLength != nil
            case .key(let record): presentsKeys && !record.isMaster
            }
        }
    }

    /// Presents what a path asks for; nil when the card refuses one of it for another reason than a wrong key or PIN, which is then
    /// not presented again.
    private func present(
        _ path: [AccessPath.Presentation], unless refused: inout Set<KeyRecord>
    ) throws(CardError) -> UInt8? {
        var state: UInt8?
        for presentation in path {
            do throws(CardError) {
                state = try present(presentation)
            } catch {
                guard case .refused = error else { throw error }
                refused.insert(presentation.record)
                return nil
            }
        }
        return state
    }

    /// Presents one key or the PIN; gives the register's new value.
    func present(_ presentation: AccessPath.Presentation) throws(CardError) -> UInt8 {
        switch presentation {
        case .pin(let record):
            try conversation.perform(.verifyPIN(identifier: record.identifier, length: pinLength ?? 0))
        case .key(let record):
            try conversation.present(record)
        }
        return presentation.record.reachedState
    }
}
