import ArgumentParser
import CardData
import Issuing
import Lifecycle

/// Which old card a new one takes the place of, and why.
struct ReplacementOptions: ParsableArguments {
    @Option(help: "被替换的旧卡卡号 Number of the old card that this one replaces.") var replaces: String?
    @Option(help: "补换原因 Reason: lost, damaged …") var reason = "lost"

    /// The replacement, answered for by a teller; nil where no old card is named.
    func replacement(by officers: OfficerOptions) throws(Faults) -> IssuingRequest.Replacement? {
        guard let replaces else { return nil }
        let names: [(ReplacementReason, String)] = ReplacementReason.allCases.map { ($0, "\($0)") }
        return IssuingRequest.Replacement(
            number: try CardNumber(replaces), reason: try word(reason, names, \.1).0,
            handling: try officers.handling(as: .teller))
    }
}
