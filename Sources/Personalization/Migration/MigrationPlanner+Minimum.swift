import CardLayout

/// The fewest commands for what a migration changes, counted from the changes and not from the steps.
extension MigrationPlanner {
    /// What a directory of the card gets.
    struct Changed {
        let directory: CompiledDirectory
        let changes: [Change]
    }

    /// For new directories, created in one stay at the master file, and for changed ones, visited in the shortest way from the master file.
    ///
    /// The plan begins each stage anew, wherever the card was torn before it: from the master file with its key for each new directory, and from
    /// the directory above for each application. The environment comes last, whose version says that all is done.
    func minimum(creating created: [CompiledDirectory], _ image: CardImage, changing changed: [Changed])
        -> CommandMinimum
    {
        let authentication = 2
        var count = CommandMinimum.none
        for (index, directory) in created.enumerated() {
            count += planner.minimum(of: directory, image)
            count +=
                index == 0
                ? CommandMinimum(fewest: authentication, forResuming: 1)
                : CommandMinimum(fewest: 0, forResuming: 1 + authentication)
        }
        for change in changed {
            let commands = planner.minimum(ofChanging: readings(change), in: change.directory, withPIN: false)
            count += CommandMinimum(fewest: commands, forResuming: 0)
        }
        let fewest = fewestSelections(changed.map(\.directory))
        // From an application the way to the next leads over the master file.
        let ways = changed.dropLast().count { $0.directory.directory?.parent != nil }
        let stages = selections(changed.map(\.directory)) + ways
        return count + CommandMinimum(fewest: fewest, forResuming: stages - fewest)
    }

    /// Reading back what only the PIN opens, from wherever the plan has left the card; each directory from the master file.
    func minimum(readingBack changed: [Changed]) -> CommandMinimum {
        let directories = changed.map(\.directory)
        guard !directories.isEmpty else { return .none }
        let commands = changed.reduce(0) {
            $0 + planner.minimum(ofChanging: readings($1), in: $1.directory, withPIN: true)
        }
        let fewest = 1 + fewestSelections(directories)
        let stages = directories.count + selections(directories)
        return CommandMinimum(fewest: commands + fewest, forResuming: stages - fewest)
    }

    // MARK: -

    private func readings(_ changed: Changed) -> [(file: CardPlanner.LayoutFile, reading: CardPlanner.Reading)] {
        changed.changes.flatMap { change in change.readings.map { (change.file, $0) } }
    }

    /// Each directory by itself, an application from the directory above.
    private func selections(_ directories: [CompiledDirectory]) -> Int {
        directories.reduce(0) { $0 + ($1.directory?.parent == nil ? 1 : 2) }
    }

    /// Each directory above once, its applications one after the other; back over the master file to the next beside it.
    private func fewestSelections(_ directories: [CompiledDirectory]) -> Int {
        let tops = Set(directories.map { $0.directory?.parent ?? $0.name })
        let below = directories.filter { $0.directory?.parent != nil }
        let ways = max(0, min(Set(below.compactMap { $0.directory?.parent }).count, tops.count - 1))
        return tops.count + below.count + ways
    }
}
