import ByteText
import CardApplication
import CardCryptography
public import CardData
public import CardLayout
import ISO7816

/// Makes the plan for a GlobalPlatform card: instances, groupings from the layout's files, read-back, then keys and life cycle.
///
/// What cannot be taken back, the security domain's keys and the card's life cycle, comes after everything was read back.
public struct GlobalPlatformPlanner {
    private let profile: GlobalPlatformProfile
    private let layout: CardLayout
    private let settings: GlobalPlatformChannel.Settings
    private let applications: [Instance]

    /// One application with its instance AID and the directory it holds.
    struct Instance {
        let application: GlobalPlatformProfile.Application
        let identifier: [UInt8]
        let directory: Directory
    }

    /// A planner for a profile and layout.
    ///
    /// Throws all of `globalplatform.no-directory`, and `globalplatform.level-not-allowed`.
    public init(profile: GlobalPlatformProfile, layout: CardLayout) throws(Faults) {
        var faults = FaultCollector()
        var instances: [Instance] = []
        for application in profile.applications {
            let directory = layout.directory(application.directory)
            if let directory, let identifier = application.instance ?? directory.dedicatedFileName {
                instances.append(
                    Instance(application: application, identifier: identifier, directory: directory))
            } else {
                faults.add(
                    "globalplatform.no-directory",
                    ["layout": layout.name, "directory": application.directory], at: application.place)
            }
        }
        try faults.check()
        guard
            let settings = GlobalPlatformChannel.Settings(
                keySet: profile.keySet, keyVersion: profile.keyVersion, channelProtocol: profile.channelProtocol,
                level: profile.level)
        else {
            throw Faults(
                "globalplatform.level-not-allowed",
                ["protocol": "\(profile.channelProtocol)", "level": profile.level.rawValue.hexadecimal],
                at: profile.place)
        }
        self.profile = profile
        self.layout = layout
        self.settings = settings
        applications = instances
    }

    /// The plan for one person's image.
    ///
    /// Throws all of `globalplatform.no-application`, `globalplatform.file-without-grouping`,
    /// `globalplatform.record-out-of-range`, `globalplatform.grouping-too-long`, `globalplatform.too-many-blocks`.
    ///
    /// - Parameter largestCommandData: What the reader and card carry in one command.
    public func plan(
        for image: CardImage, largestCommandData: Int = 255
    ) throws(Faults) -> GlobalPlatformPlan {
        let most = settings.channelProtocol.largestData(settings.level, limit: largestCommandData)
        var faults = FaultCollector()
        refuseLeftFiles(of: image, &faults)
        let contents = applications.map { instance in
            ApplicationContent(instance, image: image, layout: layout, profile: profile, most: most, &faults)
        }
        try faults.check()
        do throws(GlobalPlatformError) {
            var steps = try installation()
            for (instance, content) in zip(applications, contents) {
                steps += try personalization(of: instance, content)
            }
            for (instance, content) in zip(applications, contents) {
                steps += try readBack(of: instance, content)
            }
            steps += try ending()
            return GlobalPlatformPlan(profileName: profile.name, layoutName: layout.name, steps: steps)
        } catch {
            // lengths were checked above; what is left is a parameter of the profile that fills no command
            throw Faults(error.faults) ?? Faults("card.command-malformed")
        }
    }

    private func refuseLeftFiles(of image: CardImage, _ faults: inout FaultCollector) {
        let held = Set(applications.map(\.directory.name))
        for directory in Set(image.files.map(\.directory)).subtracting(held).sorted() {
            faults.add("globalplatform.no-application", ["directory": directory], at: profile.place)
        }
    }

    private func installation() throws(GlobalPlatformError) -> [GlobalPlatformStep] {
        var steps = try securityDomain()
        for instance in applications.reversed() {
            steps.append(
                GlobalPlatformStep(
                    operation: .secured(try GlobalPlatformCommands.delete(instance.identifier)),
                    expectation: .successOrNothingThere, purpose: .deleteInstance,
                    subject: instance.directory.name))
        }
        for instance in applications {
            let application = instance.application
            let command = try GlobalPlatformCommands.installAndMakeSelectable(
                loadFile: application.loadFile, module: application.module, instance: instance.identifier,
                privileges: application.privileges, parameters: application.parameters)
            steps.append(
                GlobalPlatformStep(
                    operation: .secured(command), expectation: .success, purpose: .install,
                    subject: instance.directory.name))
        }
        return steps
    }

    private func securityDomain() throws(GlobalPlatformError) -> [GlobalPlatformStep] {
        let select = try GlobalPlatformCommands.select(profile.securityDomain)
        return [
            GlobalPlatformStep(operation: .reset, expectation: .success, purpose: .reset, subject: ""),
            GlobalPlatformStep(
                operation: .plain(select), expectation: .success, purpose: .selectSecurityDomain, subject: ""),
            GlobalPlatformStep(
                operation: .openChannel(settings), expectation: .success, purpose: .openChannel, subject: ""),
        ]
    }

    private func select(_ instance: Instance) throws(GlobalPlatformError) -> [GlobalPlatformStep] {
        [
            GlobalPlatformStep(operation: .reset, expectation: .success, purpose: .reset, subject: ""),
            GlobalPlatformStep(
                operation: .plain(try GlobalPlatformCommands.select(instance.identifier)), expectation: .success,
                purpose: .selectInstance, subject: instance.directory.name),
        ]
    }

    private func personalization(
        of instance: Instance, _ content: ApplicationContent
    ) throws(GlobalPlatformError) -> [GlobalPlatformStep] {
        let name = instance.directory.name
        var steps = try select(instance)
        steps.append(
            GlobalPlatformStep(
                operation: .openChannel(settings), expectation: .success, purpose: .openChannel, subject: name))
        for (number, block) in content.blocks.enumerated() {
            let last: UInt8 = profile.storeData.marksLastBlock && number == content.blocks.count - 1 ? 0x80 : 0x00
            switch block {
            case .keys(let grouping):
                steps.append(
                    GlobalPlatformStep(
                        operation: .storeKeys(
                            grouping, p1: profile.storeData.encipheredBits | last, number: number),
                        expectation: .success, purpose: .storeKeys, subject: name))
            case .data(let groupings):
                let command = try GlobalPlatformCommands.storeData(
                    p1: last, number: number, groupings.flatMap(\.bytes))
                let identifiers = groupings.map { $0.identifier.hexadecimal }.joined(separator: " ")
                steps.append(
                    GlobalPlatformStep(
                        operation: .secured(command), expectation: .success, purpose: .storeData,
                        subject: "\(name) \(identifiers)"))
            }
        }
        return steps
    }

    private func readBack(
        of instance: Instance, _ content: ApplicationContent
    ) throws(GlobalPlatformError) -> [GlobalPlatformStep] {
        try select(instance)
            + content.records.map { grouping in
                let (file, record) = (UInt8(grouping.identifier >> 8), UInt8(grouping.identifier & 0xFF))
                return GlobalPlatformStep(
                    operation: .plain(CommandAPDU(0x00, 0xB2, record, file << 3 | 0b100, le: 0x00)),
                    expectation: .data(grouping.value), purpose: .readBack,
                    subject: "\(instance.directory.name) \(grouping.identifier.hexadecimal)")
            }
    }

    private func ending() throws(GlobalPlatformError) -> [GlobalPlatformStep] {
        guard profile.keyReplacement != nil || !profile.lifeCycleStates.isEmpty else { return [] }
        var steps = try securityDomain()
        for state in profile.lifeCycleStates {
            steps.append(
                GlobalPlatformStep(
                    operation: .secured(try GlobalPlatformCommands.setStatus(.card, state)),
                    expectation: .success, purpose: .setLifeCycle, subject: state.hexadecimal))
        }
        if let replacement = profile.keyReplacement {
            steps.append(
                GlobalPlatformStep(
                    operation: .putKey(replacement, profile.checkValue), expectation: .success,
                    purpose: .replaceKeys, subject: replacement.keySet))
        }
        return steps
    }
}
