import ArgumentParser
import CardData
import Issuing
import Lifecycle
import Registry

/// One act on one card.
struct ActOptions: ParsableArguments {
    @OptionGroup var site: SiteOptions
    @OptionGroup var officers: OfficerOptions
    @Option(help: "卡号 Card number.") var card: String
    @Flag(help: "输出 JSON.") var json = false

    /// - Parameter agent: who may have come in the holder's place; nil for an act that the table gives to no agent.
    func record(as role: Role, for agent: AgentOptions? = nil, _ act: (RegisteredCard) throws -> Act) throws {
        try record(as: role, for: agent, in: try Site(site).acting(officers).registry(), act)
    }

    func record(
        as role: Role, for agent: AgentOptions? = nil, in registry: Registry, _ act: (RegisteredCard) throws -> Act
    ) throws {
        let number = try CardNumber(card)
        guard let found = try registry.card(number: number) else {
            throw Faults("tool.no-such-card", ["number": number.printed])
        }
        let act = try act(found)
        if act.letsTheCardLeave { try IssueListing.unfinished(in: site.dataFolder() + "/issue").check(act, on: found) }
        let handling = try officers.handling(as: role)
        let named = try agent?.named(seen: handling.proofs)
        if case .temporaryLoss(let report) = act, report.isByAgentInPerson, named == nil {
            throw Faults("counter.agent-wanted")
        }
        let recorded = try registry.record(
            act, on: found.reference,
            handledBy: Handling(
                by: handling.officer, second: handling.second, proofs: handling.proofs, agent: named))
        try CardActReport(
            on: number, recorded.act.kind.name, event: "\(recorded.identifier)", slip: recorded.slip,
            state: recorded.state?.shown.rawValue
        ).say(of: number, json: json)
    }
}

extension RecordedEvent {
    /// The number of the slip for people, with what parts it from the next word; empty for an act that has none.
    var spokenSlip: String { slip == 0 ? "" : "凭证 slip \(slip)  " }
}
