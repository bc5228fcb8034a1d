import CardApplication
import CardData
import CardLayout

/// What SELECT by identifier reaches: the directory itself, its children and its siblings, and the master file from anywhere
/// (cos-dialects §6.1). The environment of an application is none of these.
extension CardPlanner {
    /// The stages, with a return to the master file at the end of each after which the next begins where the card would not find it.
    func reachable(_ stages: [PlanStage]) throws -> [PlanStage] {
        var stages = stages
        for index in stages.indices.dropLast() {
            let last = stages[index].steps.last { $0.purpose.kind == .selectDirectory }
            guard let standing = last.flatMap(directory), let next = stages[index + 1].steps.first.flatMap(directory),
                !reaches(next, from: standing)
            else { continue }
            stages[index] = PlanStage(
                stages[index].kind,
                stages[index].steps + [
                    step(
                        try commands.selectMasterFile(), .selectDirectory, "MF", at: compiled.masterFile.security.place)
                ])
        }
        return stages
    }

    /// The directory that a step selects; nil for the master file and for other steps.
    private func directory(_ step: PlanStep) -> CompiledDirectory? {
        guard step.purpose.kind == .selectDirectory else { return nil }
        return compiled.directory(step.purpose.subject)
    }

    private func reaches(_ next: CompiledDirectory, from standing: CompiledDirectory) -> Bool {
        let parent = next.directory?.parent
        return next.name == standing.name || parent == standing.name || parent == standing.directory?.parent
    }
}
