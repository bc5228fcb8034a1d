import CardApplication
import CardLayout

/// The rows that a torn card's cyclic files have already got from the stage that it goes on with.
///
/// The stage is begun again, since its values may be written twice; a row may not. Nobody else writes to the cyclic files of a directory
/// that was made a moment ago, so what stands there is the beginning of what was planned, the newest row first.
struct TornRows {
    let stage: PlanStage
    let directory: CompiledDirectory
    let compiled: CompiledCard
    let conversation: CardConversation

    /// The steps whose rows stand on the card; the master file is selected afterwards, and nothing presented.
    ///
    /// - Throws: `notAsLeft` where something else stands there.
    func done() throws -> Set<Int> {
        let steps = stage.steps.enumerated().filter { $1.row(compiled.profile) != nil }
        guard !steps.isEmpty else { return [] }
        let readings = try CardReader(conversation, compiled, presentsKeys: true).read(directories: [directory.name])
        let master = try CardCommands(profile: compiled.profile).selectMasterFile()
        try conversation.perform(.fixed(master), wantsAnswer: false)
        var done: Set<Int> = []
        for file in directory.files {
            let planned = steps.filter { $1.purpose.subject.hasPrefix("\(directory.name)/\(file.name)/") }
            guard !planned.isEmpty else { continue }
            let found: [[UInt8]]
            switch readings.first(where: { $0.file == file.name })?.outcome {
            case .records(let records): found = records
            case .neverWritten: found = []
            default: throw PersonalizationError.notAsLeft(found: nil)
            }
            let written = planned.prefix(found.count)
            let rows = written.map { $0.element.row(compiled.profile) ?? [] }
            guard found == rows.reversed() else {
                throw PersonalizationError.notAsLeft(found: nil)
            }
            done.formUnion(written.map(\.offset))
        }
        return done
    }
}
