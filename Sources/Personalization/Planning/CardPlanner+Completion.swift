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
}
