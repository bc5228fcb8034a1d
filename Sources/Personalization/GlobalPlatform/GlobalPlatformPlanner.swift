import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816

/// Makes the plan for a GlobalPlatform card: instances, groupings from the layout's files with their read-back, then life cycle and
/// keys.
///
/// What cannot be taken back, the card's life cycle and the security domain's keys, comes after everything was read back; the new
/// keys are proved at the very end.
struct GlobalPlatformPlanner {
    let compiled: CompiledCard
    let profile: GlobalPlatformProfile
    private let settings: GlobalPlatformChannel.Settings
    let applications: [Instance]
    private let largestBlock: Int
    /// The data bytes that one STORE DATA takes, what protects them apart.
    var most: Int { settings.channelProtocol.largestData(settings.level, limit: largestBlock) }

    /// One application with its instance AID and the directory it holds.
    struct Instance {
        let application: GlobalPlatformProfile.Application
        let identifier: [UInt8]
        let directory: CompiledDirectory
    }

    /// A planner for a layout on a profile of a GlobalPlatform card.
    ///
    /// Throws all of `globalplatform.no-directory`, and `globalplatform.level-not-allowed`.
    ///
    /// - Parameter isIssued: whether the card has the keys it was left with, and no longer those it came with.
    init(
        _ compiled: CompiledCard, _ profile: GlobalPlatformProfile, largestBlock: Int, isIssued: Bool = false
    ) throws(Faults) {
        self.largestBlock = largestBlock
        var faults = FaultCollector()
        var instances: [Instance] = []
        for application in profile.applications {
            guard let directory = compiled.directory(application.directory) else { continue }
            if let identifier = application.instance ?? directory.directory?.dedicatedFileName {
                instances.append(
                    Instance(application: application, identifier: identifier, directory: directory))
            } else {
                faults.add(
                    "globalplatform.no-directory",
                    ["layout": compiled.layout.name, "directory": application.directory], at: application.place)
            }
        }
        try faults.check()
        self.compiled = compiled
        self.profile = profile
        settings =
            isIssued
            ? try profile.proofSettings()
            : try profile.channelSettings(keySet: profile.keySet, version: profile.keyVersion)
        applications = instances
    }

    /// The plan for one person's image.
    ///
    /// Throws all of `globalplatform.no-application`, `globalplatform.file-without-grouping`,
    /// `globalplatform.record-out-of-range`, `globalplatform.grouping-too-long`, `globalplatform.too-many-blocks`.
    func plan(for image: CardImage) throws(Faults) -> CardPlan {
        var faults = FaultCollector()
        refuseLeftFiles(of: image, &faults)
        let blank = CardImage.blank(of: compiled.layout)
        let contents = applications.map { instance in
            ApplicationContent(
                instance.application, of: instance.directory, image: image, blank: blank, profile: profile, most: most,
                &faults)
        }
        try faults.check()
        do {
            var stages = [PlanStage(.initialization, try installation())]
            for (instance, content) in zip(applications, contents) {
                stages.append(try stage(of: instance, content))
            }
            let ending = try ending()
            if !ending.isEmpty { stages.append(PlanStage(.lock, ending)) }
            return CardPlan(
                layoutName: compiled.layout.name, profile: compiled.profile, stages: stages,
                minimum: minimum(image), largestBlock: largestBlock)
        } catch let error as GlobalPlatformError {
            // lengths were checked above; what is left is a parameter of the profile that fills no command
            throw Faults(error.faults) ?? Faults("card.command-malformed")
        } catch {
            throw (error as? Faults) ?? Faults("card.command-malformed")
        }
    }

    /// Throws nothing; adds `globalplatform.file-without-grouping` and `globalplatform.no-application`.
    func refuseLeftFiles(of image: CardImage, _ faults: inout FaultCollector) {
        for file in image.files {
            let path = "\(file.directory)/\(file.file.name)"
            if !compiled.profile.carries(file.file) {
                faults.add("globalplatform.file-without-grouping", ["file": path], at: file.file.place)
            } else if !applications.contains(where: { $0.directory.name == file.directory }) {
                faults.add("globalplatform.no-application", ["directory": file.directory], at: profile.place)
            }
        }
    }

    // MARK: - Installation

    private func installation() throws -> [PlanStep] {
        var steps = try securityDomain(settings)
        for instance in applications.reversed() { steps.append(try deletion(of: instance)) }
        for instance in applications { steps.append(try installation(of: instance)) }
        return steps
    }

    /// One application for a card that has others already; what is deleted is what an earlier attempt left of it.
    func addition(of instance: Instance) throws -> [PlanStep] {
        try securityDomain(settings) + [try deletion(of: instance), try installation(of: instance)]
    }

    private func deletion(of instance: Instance) throws -> PlanStep {
        PlanStep(
            .securityDomain(.secured(try GlobalPlatformCommands.delete(instance.identifier))),
            .successOr(.referencedDataNotFound), Purpose(.deleteApplication, instance.directory.name),
            at: instance.application.place)
    }

    private func installation(of instance: Instance) throws -> PlanStep {
        let application = instance.application
        let command = try GlobalPlatformCommands.installAndMakeSelectable(
            loadFile: application.loadFile, module: application.module, instance: instance.identifier,
            privileges: application.privileges, parameters: application.parameters)
        return secured(command, .installApplication, instance.directory.name, at: application.place)
    }

    private func securityDomain(_ settings: GlobalPlatformChannel.Settings) throws -> [PlanStep] {
        let select = try GlobalPlatformCommands.select(profile.securityDomain)
        return [
            PlanStep(.fixed(select), .success, Purpose(.selectSecurityDomain, settings.keySet), at: profile.place)
        ] + channel(settings, settings.keySet)
    }

    private func channel(_ settings: GlobalPlatformChannel.Settings, _ subject: String) -> [PlanStep] {
        [
            PlanStep(
                .securityDomain(.initializeUpdate(settings)), .success, Purpose(.beginSecureChannel, subject),
                at: profile.place),
            PlanStep(
                .securityDomain(.externalAuthenticate(settings)), .success, Purpose(.authenticate, subject),
                at: profile.place),
        ]
    }

    private func secured(
        _ command: CommandAPDU, _ kind: Purpose.Kind, _ subject: String, at place: SourcePlace?
    ) -> PlanStep {
        PlanStep(.securityDomain(.secured(command)), .success, Purpose(kind, subject), at: place)
    }

    // MARK: - Applications

    private func selection(of instance: Instance) throws -> PlanStep {
        PlanStep(
            .fixed(try GlobalPlatformCommands.select(instance.identifier)), .success,
            Purpose(.selectDirectory, instance.directory.name), at: instance.application.place)
    }

    /// The content of an application, in a channel to itself, and what everybody reads of it afterwards.
    func stage(of instance: Instance, _ content: ApplicationContent) throws -> PlanStage {
        PlanStage(
            .directory(instance.directory.name),
            try personalization(of: instance, content) + readBack(of: instance, content))
    }

    private func personalization(of instance: Instance, _ content: ApplicationContent) throws -> [PlanStep] {
        let name = instance.directory.name
        var steps = [try selection(of: instance)] + channel(settings, name)
        for (number, block) in content.blocks.enumerated() {
            let last: UInt8 = profile.storeData.marksLastBlock && number == content.blocks.count - 1 ? 0x80 : 0x00
            let secret = profile.storeData.encipheredBits | last
            switch block {
            case .keys(let grouping):
                steps.append(
                    PlanStep(
                        .securityDomain(
                            .storeKeys(grouping, keySet: settings.keySet, p1: secret, number: number)), .success,
                        Purpose(.loadKey, name), at: instance.application.place))
            case .pin:
                steps.append(
                    PlanStep(
                        .securityDomain(.storePIN(grouping: profile.pin.block, p1: secret, number: number)), .success,
                        Purpose(.setPIN), at: profile.place))
            case .data(let groupings, let subject):
                let command = try GlobalPlatformCommands.storeData(
                    p1: last, number: number, groupings.flatMap(\.bytes))
                steps.append(secured(command, .writeElement, subject, at: instance.directory.directory?.place))
            }
        }
        return steps
    }

    /// Selecting ends the secure channel: what is read back is what everybody reads.
    private func readBack(of instance: Instance, _ content: ApplicationContent) throws -> [PlanStep] {
        let commands = CardCommands(profile: compiled.profile)
        return [try selection(of: instance)]
            + content.records.map { record in
                let value = record.grouping.value
                return PlanStep(
                    .fixed(commands.readRecord(record.number, of: record.file, length: value.count)), .data(value),
                    Purpose(.readBack, record.subject), at: record.file.place)
            }
    }

    // MARK: - What cannot be taken back

    private func ending() throws -> [PlanStep] {
        guard profile.keyReplacement != nil || !profile.lifeCycleStates.isEmpty else { return [] }
        var steps = try securityDomain(settings)
        for state in profile.lifeCycleStates {
            steps.append(
                PlanStep(
                    .securityDomain(.setLifeCycle(state)), .success, Purpose(.setLifeCycle, state.hexadecimal),
                    at: profile.place))
        }
        if let replacement = profile.keyReplacement {
            steps.append(
                PlanStep(
                    .securityDomain(.putKey(replacement, profile.checkValue)), .success,
                    Purpose(.replaceMaster, replacement.keySet), at: profile.place))
            // selected anew, the domain answers with the keys it now has
            let proof = try profile.channelSettings(keySet: replacement.keySet, version: 0x00)
            steps += try securityDomain(proof).dropLast()
        }
        return steps
    }
}
