import CardApplication
import CardData
import CardLayout
import IssuerKeys

/// The steps that cannot be taken back: PIN, then lock.
extension CardPlanner {
    /// The PIN record is added under the directory's master key and tried once.
    ///
    /// Each directory that has a PIN of its own gets a stage.
    func pinStages(length: Int) throws -> [PlanStage] {
        let directories = compiled.directories.filter { $0.security.keys.contains(where: \.isPIN) }
        guard !directories.isEmpty else { throw Faults("plan.no-pin", ["profile": profile.name], at: profile.place) }
        return try directories.map { PlanStage(.pin, try settingPIN(length: length, in: $0)) }
    }

    private func settingPIN(length: Int, in directory: CompiledDirectory) throws -> [PlanStep] {
        guard let record = directory.security.keys.first(where: \.isPIN), let master = directory.security.masterKey
        else { throw Faults("plan.no-master-key", ["directory": directory.name], at: directory.security.place) }
        let masterReference = CardKeyReference.issuer(KeyName(rawValue: master.name))
        return [try selection(of: directory)] + authentication(with: master) + [
            challenge(4, for: record.name, at: record.place),
            PlanStep(
                .writeKey(
                    record, .personalIdentificationNumber(length: length), isUpdate: false, master: masterReference),
                .success, Purpose(.setPIN), at: record.place),
            verification(of: record, length: length),
        ]
    }

    /// The card's own master key takes the issuer's value: from here on only the issuer can erase the card.
    ///
    /// The card-block key follows under it, so that it never travels under a published value.
    func lock() throws -> [PlanStep] {
        let master = compiled.masterFile.security
        guard let masterKey = master.masterKey else {
            throw Faults("plan.no-master-file", ["profile": profile.name], at: profile.place)
        }
        let transport = CardKeyReference.transport(profile.transportKey)
        var steps = [step(try commands.selectMasterFile(), .selectDirectory, "MF", at: master.place)]
        steps += authentication(with: masterKey, as: transport)
        steps += writing(masterKey, as: .replaceMaster, isUpdate: true, under: transport)
        for record in master.keys where !record.isMaster {
            steps += writing(
                record, as: .loadKey, isUpdate: false, under: .issuer(KeyName(rawValue: masterKey.name)))
        }
        return steps + (try endings())
    }

    /// The commands after which no file can be created any more, where the card operating system has such.
    private func endings() throws -> [PlanStep] {
        var steps: [PlanStep] = []
        if let end = try profile.directoryEnd() {
            // The master file, in which the lock stands already, then every directory with those in it.
            let place = compiled.masterFile.security.place
            steps.append(step(end, .endDirectory, "MF", at: place))
            for (index, top) in topDirectories.enumerated() {
                if index > 0, !children(of: topDirectories[index - 1]).isEmpty {
                    steps.append(step(try commands.selectMasterFile(), .selectDirectory, "MF", at: place))
                }
                for directory in [top] + children(of: top) {
                    steps.append(try selection(of: directory))
                    steps.append(step(end, .endDirectory, directory.name, at: directory.directory?.place))
                }
            }
        }
        if let end = try profile.cardEnd() { steps.append(step(end, .lockCard, at: profile.place)) }
        return steps
    }

    private var topDirectories: [CompiledDirectory] { compiled.directories.filter { $0.directory?.parent == nil } }

    /// The directories in a directory.
    func children(of directory: CompiledDirectory) -> [CompiledDirectory] {
        compiled.directories.filter { $0.directory?.parent == directory.name }
    }

    /// The fewest commands for the files that the card operating system itself works with: one to make each, one for each record or content.
    private func minimumForSystemFiles(of directory: CompiledDirectory) -> Int {
        directory.systemFiles.reduce(0) { count, file in
            switch file.content {
            case .records(let records): count + 1 + records.count
            case .bytes: count + 2
            case nil: count + 1
            }
        }
    }

    /// The fewest commands, counted from the layout and the image and not from the steps.
    ///
    /// One for each file, directory and record made or read, two for each key (challenge and key), three for each authentication in the
    /// session form. A record is made with its value; the identification code, and on a profile that wants it so (`recordCreation`) every
    /// record, is made blank, and the value costs one more and its file's key.
    func minimumCommandCount(_ image: CardImage, pinLength: Int) throws -> Int {
        let session = profile.authenticationForms.contains(16) ? 3 : 2
        let commands = profile.commands
        func present(_ names: CommandSet.Name...) -> Int { names.count { commands[$0] != nil } }
        // Proof of the owner, erase, MF, its key file and transport key; at the end SELECT, authentication, and its keys.
        var count = [.none: 0, .transportKey: 2, .transportCode: 1][profile.blankAuthentication] ?? 0
        count += present(.erase, .answerToReset, .createMasterFile, .createKeyFile, .loadTransportKey)
        count += minimumForSystemFiles(of: compiled.masterFile) + (profile.authenticatesBeforeFiles ? 2 : 0)
        count += 1 + 2 + 2 * compiled.masterFile.security.keys.count
        for directory in compiled.directories {
            // Create, enter, key file, transport key; then enter again for the data.
            count += 4 + (profile.firstMaster == .transport ? 1 : 0)
            count += 2 * directory.security.keys.count { !$0.isPIN } + (profile.authenticatesBeforeFiles ? 2 : 0)
            if directory.otherInformationFile != nil { count += 2 }
            count += minimumForSystemFiles(of: directory)
            var readRights: Set<UInt8> = []
            var writeRights: Set<UInt8> = []
            for file in files(of: directory) {
                let blanks = blankRecords(directory, file.file)
                // A protected command has a challenge before it.
                let write = file.compiled.protection == nil ? 1 : 2
                let read = file.compiled.protection?.isReadProtected == true ? 2 : 1
                count += (profile.selectsNewFiles ? 2 : 1) + (write + read) * blanks.count
                for record in blanks {
                    let own = record.tag.flatMap { file.compiled.recordReadBytes[$0] }
                    readRights.insert(own ?? file.compiled.readByte)
                }
                guard let content = laterContent(directory, file.file, image) else { continue }
                writeRights.insert(file.compiled.writeByte)
                switch content {
                case .records(let records):
                    count += write * records.count
                    guard blanks.isEmpty else { break }
                    count += read * records.count
                    readRights.insert(file.compiled.readByte)
                case .bytes(let bytes):
                    let pieces = [
                        (writePiece(of: file.compiled), write), (readPiece(of: file.compiled), read),
                    ]
                    for (piece, commands) in pieces {
                        count += (bytes.count + piece - 1) / piece * commands
                        if Self.needsSelection(bytes.count, inPieces: piece) { count += 1 }
                    }
                    readRights.insert(file.compiled.readByte)
                }
            }
            count += session * writeRights.count
            count += presentations(for: readRights, in: directory, session: session)
        }
        // Back to the master file from the last application of a directory to the next beside that, while files are made and while data are
        // written; and from the last of all before the environment's data and before the PIN.
        let returns = topDirectories.dropLast().count { !children(of: $0).isEmpty }
        count += 2 * returns
        if let last = topDirectories.last, !children(of: last).isEmpty { count += 2 }
        // SELECT, master authentication, challenge and PIN, VERIFY.
        count += 6 * compiled.directories.count { $0.security.keys.contains(where: \.isPIN) }
        // The master file is ended where the lock stands, each directory is selected and ended; from the last application of one
        // environment the way to the next leads over the master file.
        return count + (1 + 2 * compiled.directories.count + returns) * present(.endDirectory) + present(.endCard)
    }

    /// The cheapest set of presentations that opens all rights: each right that no other presentation opens needs its own.
    private func presentations(for rights: Set<UInt8>, in directory: CompiledDirectory, session: Int) -> Int {
        let closed = rights.filter { $0 >> 4 != 0 && $0 & 0x0F != 0 }
        let keys = directory.security.keys.filter {
            $0.type == 0x39 && !$0.isMaster && AccessPath.opens($0.useRight, 0)
        }
        let byKey = closed.filter { right in keys.contains { AccessPath.opens(right, $0.nextState) } }
        var count = 0
        var unopened = byKey
        while !unopened.isEmpty {
            guard
                let best = keys.max(by: { first, second in
                    unopened.count { AccessPath.opens($0, first.nextState) }
                        < unopened.count { AccessPath.opens($0, second.nextState) }
                })
            else { break }
            unopened = unopened.filter { !AccessPath.opens($0, best.nextState) }
            count += session
        }
        // What only the PIN opens: SELECT, VERIFY, and the key behind it where a rule asks for both.
        let behindPIN = closed.subtracting(byKey)
        if !behindPIN.isEmpty {
            let needsKey = behindPIN.contains { right in !AccessPath.opens(right, 2) }
            count += 2 + (needsKey ? session : 0)
        }
        return count
    }
}
