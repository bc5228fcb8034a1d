import CardData
import CardLayout
import Personalization

/// A card with every file of its layout full, as the budget of the layout means it.
enum FullCard {
    /// The plan of such a card; nil when none can be made.
    static func plan(of layout: CardLayout, profile: COSProfile, codes: CodeLookup) -> CardPlan? {
        guard let compiled = try? CompiledCard(layout: layout, profile: profile),
            let example = try? ExampleRecord(layout: layout, codes: codes),
            let image = try? PersonImageEncoder(layout: layout).encode(example.values)
        else { return nil }
        return try? CardPlanner(compiled).plan(for: image, pinLength: profile.pinLength.upperBound)
    }

    /// What its plan does on the wrong side of a step that cannot be taken back; none when no such card can be planned.
    static func orderFaults(of layout: CardLayout, profile: COSProfile, codes: CodeLookup) -> [Fault] {
        guard let plan = plan(of: layout, profile: profile, codes: codes),
            let compiled = try? CompiledCard(layout: layout, profile: profile)
        else { return [] }
        return PlanOrder(plan, of: compiled).check()
    }

    /// What making it costs; nil when no such card can be planned, which the lint tells in its own words.
    static func cost(of layout: CardLayout, profile: COSProfile, codes: CodeLookup) -> CardCost? {
        guard let plan = plan(of: layout, profile: profile, codes: codes) else { return nil }
        return CardCost(
            commands: plan.exchangeCount, bytes: plan.byteCount, seconds: CostModel.slow.seconds(of: plan))
    }
}
