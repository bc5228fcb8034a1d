import CardApplication
import CardLayout

/// What only the holder's PIN opens, of what was written.
extension MigrationPlanner {
    func opens(_ reading: CardPlanner.Reading, in directory: CompiledDirectory, withPIN: Bool) -> Bool {
        planner.path(to: reading.right, from: 0, in: directory, withPIN: withPIN) != nil
    }

    /// What of the changes no key opens: what the PIN does, where it is given, and what stays closed.
    func behindPIN(
        _ changes: [Change], _ directory: CompiledDirectory, isGiven: Bool
    ) -> (opened: [CardPlanner.Reading], closed: [CardPlanner.Reading]) {
        changes.flatMap(\.readings).filter { !opens($0, in: directory, withPIN: false) }
            .partitioned { isGiven && opens($0, in: directory, withPIN: true) }
    }

    /// Comparing it, from wherever the plan has left the card.
    func reading(
        _ readings: [CardPlanner.Reading], of directory: CompiledDirectory, withPIN pinLength: Int?
    ) throws -> [PlanStep] {
        [try selectionOfMasterFile()] + (try entering(directory))
            + (try planner.readBack(readings, of: directory, from: 0, withPIN: pinLength))
    }
}
