import CardData
import CardLayout
import Personalization

/// Commands, bytes and predicted seconds of a card for each layout on each profile, from the plan alone.
struct LayoutCosts {
    private let surroundings: Surroundings
    private let people: String
    private let row: Int

    init(_ surroundings: Surroundings, people: String, row: Int) {
        self.surroundings = surroundings
        self.people = people
        self.row = row
    }

    /// One line for each layout and profile, the layout's own profile marked.
    func measure() throws -> TextTable {
        let library = LayoutLibrary(home: surroundings.home)
        var rows = [
            ["layout", "profile", "APDUs", "fewest", "to resume", "ratio", "bytes", "s at 9,600", "s at 115,200"]
        ]
        for layoutName in try library.layoutNames {
            let own = try library.layout(named: layoutName).profileName
            for profileName in try library.profileNames + library.globalPlatformProfileNames {
                let mark = profileName == own ? " *" : ""
                rows.append(
                    [layoutName, profileName + mark] + (try figures(layoutName, profileName) ?? Self.notExpressible))
            }
        }
        return TextTable(rows: rows, leftColumns: 2)
    }

    private static let notExpressible = ["not", "expressible", "on", "this", "profile", "", ""]

    private func figures(_ layoutName: String, _ profileName: String) throws -> [String]? {
        let plan: CardPlan
        do {
            plan = try SampleCard(
                home: surroundings.home, layoutName: layoutName, profileName: profileName, people: people, row: row
            ).plan()
        } catch is Faults {
            return nil
        }
        // 1.000: no command beside the fewest and those that let a torn card be finished.
        let ratio = (Double(plan.commandCount) / Double(max(1, plan.minimum.total))).fixed(3)
        return [
            String(plan.commandCount), String(plan.minimum.fewest), String(plan.minimum.forResuming), ratio,
            Double(plan.byteCount).grouped, CostModel.slow.seconds(of: plan).fixed(1),
            CostModel.fast.seconds(of: plan).fixed(1),
        ]
    }
}
