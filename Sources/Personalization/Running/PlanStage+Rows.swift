import CardApplication
import CardLayout
import ISO7816

/// Rows of cyclic files: done twice they would stand there twice.
extension PlanStage {
    /// True when a step adds a row to a cyclic file.
    func growsRing(_ profile: COSProfile) -> Bool { steps.contains { $0.row(profile) != nil } }
}

extension PlanStep {
    /// The row that the step adds to a cyclic file; nil for other steps.
    func row(_ profile: COSProfile) -> [UInt8]? {
        guard purpose.kind == .writeElement else { return nil }
        switch operation {
        case .fixed(let command), .protected(let command, _, _): return profile.addsRow(command) ? command.data : nil
        default: return nil
        }
    }
}
