import CardApplication
import CardData
import CardLayout

/// Applications of a security domain instead of directories: new ones are installed and personalised, and those that stand are given
/// records where the profile says that they take any.
///
/// Nothing that stands is deleted: with an application would go what nobody can give back, the log that the card wrote itself and a PIN that
/// only its holder knows.
extension MigrationPlanner {
    /// The migration of one card.
    ///
    /// - Parameters:
    ///   - standing: the directories whose applications the card has.
    ///   - merged: what the card shall hold.
    ///   - found: what is in the way by the two layouts.
    ///   - warned: what the card warned of.
    func applications(
        of profile: GlobalPlatformProfile, _ standing: [CompiledDirectory], _ image: CardImage, _ dump: CardDump,
        _ merged: MigrationValues, _ found: [Fault], _ warned: [Fault]
    ) throws(Faults) -> CardMigration {
        let domain = try GlobalPlatformPlanner(
            new, profile, largestBlock: planner.largestBlock, isIssued: true)
        var faults = FaultCollector()
        domain.refuseLeftFiles(of: image, &faults)
        var (obstacles, doubtful) = (found, warned)
        var free = freeSpace(beside: standing)
        var added: [GlobalPlatformPlanner.Instance] = []
        var changed: [(instance: GlobalPlatformPlanner.Instance, readings: [CardPlanner.Reading])] = []
        for instance in domain.applications where !standing.contains(instance.directory) {
            let reasons = obstaclesOfCreation(instance.directory, dump, free: free)
            obstacles += reasons
            guard reasons.isEmpty else { continue }
            free -= instance.directory.space
            added.append(instance)
        }
        // The environment comes last: its version says that the rest is done.
        for directory in standing.reversed() {
            let changes = try changes(of: directory, image, dump, merged, &obstacles, &doubtful)
            guard !changes.isEmpty, let instance = domain.applications.first(where: { $0.directory == directory })
            else { continue }
            if profile.storeData.afterPersonalization == .none {
                obstacles += changes.map { change in
                    Fault(
                        "globalplatform.records-stay",
                        ["place": "\(directory.name)/\(change.file.file.name)", "profile": profile.name],
                        at: change.file.file.place)
                }
                continue
            }
            changed.append((instance, changes.flatMap(\.readings)))
        }
        let stages = try stages(of: domain, adding: added, image, changing: changed, &faults)
        let name = "\(old.layout.name) → \(new.layout.name)"
        let whole = plan(name, stages, domain.minimum(adding: added, image, changing: changed.map(\.readings)))
        try whole.checkThatTheReaderTakesIt()
        // Every record of an application is read freely: nothing waits for the PIN.
        return CardMigration(
            plan: whole, readBack: plan(name, [], .none), unread: [], doubtful: doubtful, obstacles: obstacles,
            newDirectories: added.map(\.directory.name), keptDirectories: keptDirectories)
    }

    private func stages(
        of domain: GlobalPlatformPlanner, adding added: [GlobalPlatformPlanner.Instance], _ image: CardImage,
        changing changed: [(instance: GlobalPlatformPlanner.Instance, readings: [CardPlanner.Reading])],
        _ faults: inout FaultCollector
    ) throws(Faults) -> [PlanStage] {
        let (profile, most) = (domain.profile, domain.most)
        let blank = CardImage.blank(of: new.layout)
        let whole = added.map { instance in
            ApplicationContent(
                instance.application, of: instance.directory, image: image, blank: blank, profile: profile, most: most,
                &faults)
        }
        let parts = changed.map { change in
            ApplicationContent(change.readings, of: change.instance, profile: profile, most: most, &faults)
        }
        try faults.check()
        do {
            var stages: [PlanStage] = []
            for (instance, content) in zip(added, whole) {
                stages.append(
                    PlanStage(.creation(instance.directory.name), try domain.addition(of: instance)))
                stages.append(try domain.stage(of: instance, content))
            }
            for (change, content) in zip(changed, parts) {
                stages.append(try domain.stage(of: change.instance, content))
            }
            return stages
        } catch {
            // lengths were checked above; what is left is a parameter of the profile that fills no command
            throw (error as? Faults) ?? Faults("card.command-malformed")
        }
    }
}
