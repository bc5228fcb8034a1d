import CardApplication
import CardLayout

/// The fewest commands for a card, counted from its layout, profile and image and not from the steps.
///
/// One for each file, directory and record made or read, two for each key (challenge and key), three for each authentication in the
/// session form. A record is made with its value, and on a profile that wants it so (`recordCreation`) blank, with one more for the value and
/// its file's key.
extension CardPlanner {
    /// Commands of one authentication with another key than a master key.
    private var session: Int { profile.authenticationForms.contains(16) ? 3 : 2 }

    /// For the whole card.
    func minimum(_ image: CardImage) -> CommandMinimum {
        func present(_ names: CommandSet.Name...) -> Int { names.count { profile.commands[$0] != nil } }
        // Proof of the owner, erase, MF, its key file and transport key; at the end SELECT, authentication, and its keys.
        var fewest = [.none: 0, .transportKey: 2, .transportCode: 1][profile.blankAuthentication] ?? 0
        fewest += present(.erase, .answerToReset, .createMasterFile, .createKeyFile, .loadTransportKey)
        fewest += commands(forSystemFilesOf: compiled.masterFile) + (profile.authenticatesBeforeFiles ? 2 : 0)
        fewest += 1 + 2 + 2 * compiled.masterFile.security.keys.count
        // SELECT, master authentication, challenge and PIN, VERIFY.
        fewest += 6 * compiled.directories.count { $0.security.keys.contains(where: \.isPIN) }
        // The master file is ended where the lock stands, each directory is selected and ended.
        fewest += (1 + 2 * compiled.directories.count + waysAcross) * present(.endDirectory) + present(.endCard)
        // From the last application the way to the environment and its PIN leads over the master file; where data are written in stays of their
        // own, so does the way to each environment's.
        let lastWay = tops.last.map { children(of: $0).isEmpty } ?? true ? 0 : 1
        let ways = waysAcross + lastWay
        return compiled.directories.reduce(CommandMinimum(fewest: fewest + ways, forResuming: ways)) {
            $0 + minimum(of: $1, image)
        }
    }

    /// One directory with all that it holds, made, written and read back: created, entered once, its key file, keys and files; and entered again
    /// for the person's data.
    func minimum(of directory: CompiledDirectory, _ image: CardImage) -> CommandMinimum {
        var fewest = 3 + (profile.firstMaster == .transport ? 1 : 0)
        fewest += 2 * directory.security.keys.count { !$0.isPIN } + (profile.authenticatesBeforeFiles ? 2 : 0)
        if directory.otherInformationFile != nil { fewest += 2 }
        fewest += commands(forSystemFilesOf: directory)
        var resuming = 1
        var rights = Rights()
        var code: LayoutFile?
        for file in files(of: directory) {
            fewest += (profile.selectsNewFiles ? 2 : 1) + commands(for: file, of: directory, image, &rights)
            if isCode(file, of: directory), profile.recordCreation == .withValue,
                laterContent(directory, file.file, image) != nil
            {
                code = file
            }
        }
        if let code {
            // Written blank with its file; its value comes later, with a key of its own where nothing else is written under that.
            let write = commandsToWriteAndRead(code).write
            rights.written[code.compiled.writeByte, default: 1] -= 1
            let isLast = rights.written[code.compiled.writeByte] == 0
            resuming += write + (isLast ? session * closed([code.compiled.writeByte]).count : 0)
            fewest -= write
        }
        // what is written freely takes no key
        fewest += session * closed(Set(rights.written.filter { $0.value > 0 }.keys)).count
        fewest += session * keysThatOpen(rights.read, in: directory)
        if let keys = keysBehindPIN(rights.read, in: directory) {
            // SELECT and VERIFY; twice where the PIN is set and tried in this directory, and what it opens could be read then.
            let hasOwn = directory.security.keys.contains(where: \.isPIN)
            fewest += (hasOwn ? 0 : 2) + session * keys
            resuming += hasOwn ? 2 : 0
        }
        return CommandMinimum(fewest: fewest, forResuming: resuming)
    }

    // MARK: - Ways

    private var tops: [CompiledDirectory] { compiled.directories.filter { $0.directory?.parent == nil } }

    /// From the last application of a directory to the next beside that leads the master file.
    private var waysAcross: Int { tops.dropLast().count { !children(of: $0).isEmpty } }

    // MARK: - Files

    /// Rights that a directory's files ask for: how many values are written under each, and what they are read under.
    struct Rights {
        var written: [UInt8: Int] = [:]
        var read: Set<UInt8> = []
    }

    /// The files that the card operating system itself works with: one to make each, one for each record or content.
    private func commands(forSystemFilesOf directory: CompiledDirectory) -> Int {
        directory.systemFiles.reduce(0) { count, file in
            switch file.content {
            case .records(let records): count + 1 + records.count
            case .bytes: count + 2
            case nil: count + 1
            }
        }
    }

    /// Writing and reading back what a file holds.
    private func commands(
        for file: LayoutFile, of directory: CompiledDirectory, _ image: CardImage, _ rights: inout Rights
    ) -> Int {
        let blanks = blankRecords(directory, file.file)
        let (write, read) = commandsToWriteAndRead(file)
        var count = (write + read) * blanks.count
        for record in blanks { rights.read.insert(right(toRead: record, of: file)) }
        switch laterContent(directory, file.file, image) {
        case .records(let records):
            rights.written[file.compiled.writeByte, default: 0] += records.count
            count += write * records.count
            guard blanks.isEmpty else { break }
            count += read * records.count
            rights.read.insert(file.compiled.readByte)
        case .bytes(let bytes):
            rights.written[file.compiled.writeByte, default: 0] += 1
            rights.read.insert(file.compiled.readByte)
            for (piece, commands) in [(writePiece(of: file.compiled), write), (readPiece(of: file.compiled), read)] {
                count += (bytes.count + piece - 1) / piece * commands
                if Self.needsSelection(bytes.count, inPieces: piece) { count += 1 }
            }
        case nil: break
        }
        return count
    }

    /// A protected command has a challenge before it.
    func commandsToWriteAndRead(_ file: LayoutFile) -> (write: Int, read: Int) {
        (file.compiled.protection == nil ? 1 : 2, file.compiled.protection?.isReadProtected == true ? 2 : 1)
    }

    private func right(toRead record: CardImage.Record, of file: LayoutFile) -> UInt8 {
        record.tag.flatMap { file.compiled.recordReadBytes[$0] } ?? file.compiled.readByte
    }

    /// Whether a file begins with the identification code.
    private func isCode(_ file: LayoutFile, of directory: CompiledDirectory) -> Bool {
        let environment = compiled.layout.directories.first
        return directory.name == environment?.name && file.file.name == environment?.files.first?.name
    }

    // MARK: - Rights

    /// How many keys open all rights that keys open: each right that no other presentation opens needs its own.
    private func keysThatOpen(_ rights: Set<UInt8>, in directory: CompiledDirectory) -> Int {
        let keys = readingKeys(of: directory)
        var unopened = closed(rights).filter { right in keys.contains { AccessPath.opens(right, $0.reachedState) } }
        var count = 0
        while !unopened.isEmpty {
            guard
                let best = keys.max(by: { first, second in
                    unopened.count { AccessPath.opens($0, first.reachedState) }
                        < unopened.count { AccessPath.opens($0, second.reachedState) }
                })
            else { break }
            unopened = unopened.filter { !AccessPath.opens($0, best.reachedState) }
            count += 1
        }
        return count
    }

    /// How many keys come behind the PIN for what no key opens alone; nil where nothing lies behind it.
    private func keysBehindPIN(_ rights: Set<UInt8>, in directory: CompiledDirectory) -> Int? {
        let keys = readingKeys(of: directory)
        let behind = closed(rights).filter { right in !keys.contains { AccessPath.opens(right, $0.reachedState) } }
        guard !behind.isEmpty else { return nil }
        return behind.contains { !AccessPath.opens($0, 2) } ? 1 : 0
    }

    private func closed(_ rights: Set<UInt8>) -> Set<UInt8> { rights.filter { $0 >> 4 != 0 && $0 & 0x0F != 0 } }

    private func readingKeys(of directory: CompiledDirectory) -> [KeyRecord] {
        directory.security.keys.filter { $0.type == 0x39 && !$0.isMaster && AccessPath.opens($0.useRight, 0) }
    }

    /// Writing and reading back what a migration changes in a directory, its selection apart.
    ///
    /// - Parameter withPIN: nothing is written, and what only the PIN opens is read; otherwise what it opens is not.
    func minimum(
        ofChanging readings: [(file: LayoutFile, reading: Reading)], in directory: CompiledDirectory, withPIN: Bool
    ) -> Int {
        var rights = Rights()
        var count = 0
        var selected: Set<String> = []
        for (file, reading) in readings {
            let (write, read) = commandsToWriteAndRead(file)
            let behindPIN = keysBehindPIN([reading.right], in: directory) != nil
            let isFar = reading.number == nil && reading.offset > 0xFF
            if !withPIN {
                count += write
                rights.written[file.compiled.writeByte, default: 0] += 1
                if isFar, selected.insert("write \(file.file.name)").inserted { count += 1 }
            }
            guard behindPIN == withPIN else { continue }
            count += read
            rights.read.insert(reading.right)
            if isFar, selected.insert("read \(file.file.name)").inserted { count += 1 }
        }
        count += session * closed(Set(rights.written.keys)).count
        guard withPIN else { return count + session * keysThatOpen(rights.read, in: directory) }
        return count + 1 + session * (keysBehindPIN(rights.read, in: directory) ?? 0)
    }
}
