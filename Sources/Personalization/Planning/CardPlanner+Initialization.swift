import CardApplication
import CardData
import CardLayout
import ISO7816
import IssuerKeys

/// Files, keys and records; on a card operating system that wants its records blank first, the same for every person.
extension CardPlanner {
    func initialization(_ image: CardImage) throws -> [PlanStep] {
        let master = compiled.masterFile
        guard let masterKey = master.security.masterKey else {
            throw Faults("plan.no-master-file", ["profile": profile.name], at: profile.place)
        }
        var steps = try opening(masterKey)
        if let creation = try profile.creation(ofMasterFile: master) {
            steps.append(step(creation, .createMasterFile, master.name, at: master.security.place))
        }
        steps.append(
            step(
                try profile.creation(ofKeyFileOf: master), .createKeyFile, master.name, at: master.security.place))
        steps += try loadingTransportKey(masterKey)
        steps += try systemFiles(of: master) { $0 != .transactions }
        if profile.authenticatesBeforeFiles {
            steps += authentication(with: masterKey, as: .transport(profile.transportKey))
        }
        let top = compiled.directories.filter { $0.directory?.parent == nil }
        steps += try systemFiles(of: master) { $0 == .transactions }
        for directory in top { steps.append(try creation(of: directory)) }
        // A directory's children are created during its own stay; then each child is entered in turn.
        for (index, directory) in top.enumerated() {
            if index > 0, !children(of: top[index - 1]).isEmpty {
                steps.append(step(try commands.selectMasterFile(), .selectDirectory, "MF", at: master.security.place))
            }
            steps += try wholeContent(of: directory, image)
        }
        return steps
    }

    private func wholeContent(of directory: CompiledDirectory, _ image: CardImage) throws -> [PlanStep] {
        let children = children(of: directory)
        return try content(of: directory, image, children: children)
            + children.flatMap { try wholeContent(of: $0, image) }
    }

    /// What a blank asks for before it lets anybody create, and the end of what an earlier attempt left.
    ///
    /// A transport code comes last, as in the script that has it: the erasing is for chips that were in use, and the code for what is blank
    /// then.
    private func opening(_ masterKey: KeyRecord) throws -> [PlanStep] {
        var steps: [PlanStep] = []
        if profile.blankAuthentication == .transportKey {
            let proof = authentication(with: masterKey, as: .transport(profile.transportKey))
            // An erased master file has no key, and is free for everybody.
            steps += proof.map { step in
                guard case .authenticate = step.operation else { return step }
                return PlanStep(step.operation, .successOr(.fileNotFound), step.purpose, at: step.place)
            }
        }
        steps += try erasing()
        if profile.commands[.answerToReset] != nil {
            steps.append(PlanStep(.writeAnswerToReset, .success, Purpose(.writeAnswerToReset), at: profile.place))
        }
        if profile.blankAuthentication == .transportCode {
            steps.append(PlanStep(.presentTransportCode, .success, Purpose(.presentTransportCode), at: profile.place))
        }
        return steps
    }

    private func erasing() throws -> [PlanStep] {
        guard let erasure = try profile.erasure() else { return [] }
        // A blank without a master file has nothing to erase; some systems say so.
        let expectation: PlanStep.Expectation = profile.family == .fmcos ? .success : .successOr(.fileNotFound)
        return [
            PlanStep(.fixed(erasure), expectation, Purpose(.eraseCard), at: compiled.masterFile.security.place)
        ]
    }

    /// The files that the card operating system itself works with, and what issuing writes to them.
    ///
    /// Lists and templates come before the directory's master key is presented, since the stay in which a directory was entered empty is free;
    /// a file of transactions comes after it.
    private func systemFiles(
        of directory: CompiledDirectory, where isWanted: (SystemFile.Role) -> Bool
    ) throws -> [PlanStep] {
        try directory.systemFiles.filter { isWanted($0.role) }.flatMap { file in
            let subject = "\(directory.name)/\(file.name)"
            let place = directory.security.place
            var steps = [
                step(try profile.creation(of: file, in: directory), .createFile, subject, at: place)
            ]
            guard let description = file.file.file else { return steps }
            switch file.content {
            case .records(let records):
                steps += try records.enumerated().map { index, record in
                    step(
                        try commands.appendRecord(index + 1, to: description, record), .writeDirectoryRecord, subject,
                        at: place)
                }
            case .bytes(let bytes):
                steps.append(
                    step(
                        try commands.updateBinary(offset: 0, of: description.shortIdentifier, bytes),
                        .writeFileControlInformation, subject, at: place))
            case nil: break
            }
            return steps
        }
    }

    private func loadingTransportKey(_ masterKey: KeyRecord) throws -> [PlanStep] {
        guard let loading = try profile.transportKeyLoading(of: masterKey) else { return [] }
        return [step(loading, .loadTransportKey, masterKey.name, at: masterKey.place)]
    }

    func creation(of directory: CompiledDirectory) throws -> PlanStep {
        step(
            try profile.creation(of: directory), .createDirectory, directory.name, at: directory.directory?.place)
    }

    func content(
        of directory: CompiledDirectory, _ image: CardImage, children: [CompiledDirectory]
    ) throws -> [PlanStep] {
        let name = directory.name
        guard let masterKey = directory.security.masterKey else {
            throw Faults("plan.no-master-key", ["directory": name], at: directory.security.place)
        }
        let issuerMaster = CardKeyReference.issuer(KeyName(rawValue: masterKey.name))
        var steps = [
            try selection(of: directory),
            step(
                try profile.creation(ofKeyFileOf: directory), .createKeyFile, name, at: directory.directory?.place),
        ]
        switch profile.firstMaster {
        case .transport:
            steps += try loadingTransportKey(masterKey)
            steps += writing(
                masterKey, as: .replaceMaster, isUpdate: true, under: .transport(profile.transportKey))
        case .parent:
            steps += writing(masterKey, as: .loadKey, isUpdate: false, under: masterAbove(directory))
        }
        for record in directory.security.keys where !record.isMaster && !record.isPIN {
            steps += writing(record, as: .loadKey, isUpdate: false, under: issuerMaster)
        }
        steps += try systemFiles(of: directory) { $0 != .transactions }
        if profile.authenticatesBeforeFiles { steps += authentication(with: masterKey) }
        steps += try systemFiles(of: directory) { $0 == .transactions }
        if let information = directory.otherInformationFile {
            steps.append(
                step(
                    try profile.creation(of: information), .createFile, "\(name)/\(information.name)",
                    at: directory.directory?.place))
            steps.append(
                step(
                    try commands.updateBinary(
                        offset: 0, of: UInt8(information.identifier & 0x1F), directory.informationContent),
                    .writeFileControlInformation, name, at: directory.directory?.place))
        }
        for file in files(of: directory) {
            steps.append(
                step(
                    try profile.creation(of: file.compiled), .createFile, "\(name)/\(file.file.name)",
                    at: file.file.place))
            if profile.selectsNewFiles { steps.append(try fileSelection(file.file, in: directory)) }
            for (record, isBlank) in firstRecords(directory, file.file, image) {
                steps += self.steps(
                    try commands.appendRecord(record.number, to: file.file, record.bytes), to: file.compiled,
                    isBlank ? .writeBlankRecord : .writeElement,
                    "\(name)/\(file.file.name)/\(record.element)", at: record.place)
            }
        }
        for child in children { steps.append(try creation(of: child)) }
        return steps
    }

    /// The master key that stands in the directory above while the structure is made.
    private func masterAbove(_ directory: CompiledDirectory) -> CardKeyReference {
        let parent = directory.directory?.parent.flatMap { compiled.directory($0) }
        guard let master = parent?.security.masterKey else { return .transport(profile.transportKey) }
        return .issuer(KeyName(rawValue: master.name))
    }

    /// GET CHALLENGE and WRITE KEY by cipher and MAC.
    func writing(
        _ record: KeyRecord, as kind: Purpose.Kind, isUpdate: Bool, under master: CardKeyReference
    ) -> [PlanStep] {
        [
            challenge(4, for: record.name, at: record.place),
            PlanStep(
                .writeKey(
                    record, .key(.issuer(KeyName(rawValue: record.name))), isUpdate: isUpdate, master: master),
                .success, Purpose(kind, record.name), at: record.place),
        ]
    }
}
