import CardApplication
import CardData
import CardLayout
import IssuerKeys

/// Files, keys and blank records: the same for every person.
extension CardPlanner {
    func initialization() throws -> [PlanStep] {
        let master = compiled.masterFile
        guard let masterKey = master.security.masterKey else {
            throw Faults("plan.no-master-file", ["profile": profile.name], at: profile.place)
        }
        var steps = [
            step(commands.eraseDirectory(), .eraseCard, at: master.security.place),
            step(
                try commands.create(master.identifier, master.createMasterFileData), .createMasterFile, master.name,
                at: master.security.place),
            step(
                try commands.create(0x0000, master.createKeyFileData), .createKeyFile, master.name,
                at: master.security.place),
            step(try commands.loadTransportKey(masterKey), .loadTransportKey, masterKey.name, at: masterKey.place),
        ]
        let top = compiled.directories.filter { $0.directory?.parent == nil }
        for directory in top { steps.append(try creation(of: directory)) }
        // A directory's children are created during its own stay; then each child is entered in turn.
        var pending = top
        while !pending.isEmpty {
            let directory = pending.removeFirst()
            let children = compiled.directories.filter { $0.directory?.parent == directory.name }
            steps += try content(of: directory, children: children)
            pending = children + pending
        }
        return steps
    }

    func creation(of directory: CompiledDirectory) throws -> PlanStep {
        step(
            try commands.create(directory.identifier, directory.createData), .createDirectory, directory.name,
            at: directory.directory?.place)
    }

    func content(of directory: CompiledDirectory, children: [CompiledDirectory]) throws -> [PlanStep] {
        let name = directory.name
        guard let masterKey = directory.security.masterKey else {
            throw Faults("plan.no-master-key", ["directory": name], at: directory.security.place)
        }
        let issuerMaster = CardKeyReference.issuer(KeyName(rawValue: masterKey.name))
        var steps = [
            try selection(of: directory),
            step(
                try commands.create(0x0000, directory.createKeyFileData), .createKeyFile, name,
                at: directory.directory?.place),
            step(try commands.loadTransportKey(masterKey), .loadTransportKey, masterKey.name, at: masterKey.place),
        ]
        steps += writing(
            masterKey, as: .replaceMaster, isUpdate: true, under: .transport(profile.transportKey))
        for record in directory.security.keys where !record.isMaster && !record.isPIN {
            steps += writing(record, as: .loadKey, isUpdate: false, under: issuerMaster)
        }
        if let information = directory.informationFile {
            steps.append(
                step(
                    try commands.create(information.identifier, information.createData), .createFile,
                    "\(name)/\(information.name)", at: directory.directory?.place))
            steps.append(
                step(
                    try commands.updateBinary(
                        offset: 0, of: UInt8(information.identifier & 0x1F), directory.informationContent),
                    .writeFileControlInformation, name, at: directory.directory?.place))
        }
        for file in files(of: directory) {
            var creation = file.compiled.createData
            for (tag, right) in file.compiled.recordReadBytes.sorted(by: { $0.key < $1.key }) {
                creation += [tag, right]
            }
            steps.append(
                step(
                    try commands.create(file.file.identifier, creation), .createFile, "\(name)/\(file.file.name)",
                    at: file.file.place))
            for record in blankRecords(directory, file.file) {
                steps.append(
                    step(
                        try commands.appendRecord(to: file.file, record.bytes), .writeBlankRecord,
                        "\(name)/\(file.file.name)/\(record.element)", at: record.place))
            }
        }
        for child in children { steps.append(try creation(of: child)) }
        return steps
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
