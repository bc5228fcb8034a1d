import CardData
import CardLayout
import Personalization
import Testing

/// Nothing that cannot be taken back stands before what it protects is written and read back: asked of the steps of whole plans.
@Suite struct PlanOrderTests {
    private func full(_ layout: String) throws -> (plan: CardPlan, card: CompiledCard) {
        let factory = try CardFactory(layout: layout)
        return (try factory.plan(CardKindTests.full(factory.compiled.layout)), factory.compiled)
    }

    private func rearranged(_ plan: CardPlan, _ change: (inout [PlanStep]) throws -> Void) rethrows -> CardPlan {
        var steps = plan.steps
        try change(&steps)
        return CardPlan(
            layoutName: plan.layoutName, profile: plan.profile, stages: [PlanStage(.initialization, steps)],
            minimum: plan.minimum, largestBlock: plan.largestBlock)
    }

    private func told(_ faults: [Fault]) -> [String] {
        faults.map { "\($0.code.rawValue) \($0.parameters["step"] ?? "") | \($0.parameters["lock"] ?? "")" }
    }

    @Test(arguments: [
        "national-1.0", "national-2.0", "national-3.0", "example-region", "example-region-1.1",
        "national-2.0@fmcos", "national-2.0@timecos", "national-2.0@t514", "national-2.0@mcos",
    ])
    func aPlanLocksLast(layout: String) throws {
        let (plan, card) = try full(layout)
        #expect(told(PlanOrder(plan, of: card).check()) == [])
    }

    @Test(arguments: ["globalplatform", "globalplatform-scp03"]) func anApplicationIsReadBackBeforeTheLock(
        profile: String
    ) throws {
        let site = try GlobalPlatformSite(profile: profile)
        let plan = try site.plan()
        #expect(told(PlanOrder(plan, of: site.compiled).check()) == [])
        let unread = try rearranged(plan) { steps in
            let reading = try #require(
                steps.firstIndex { $0.purpose == Purpose(.readBack, "SSSE/EF05/cardNumber") })
            steps.remove(at: reading)
        }
        #expect(
            told(PlanOrder(unread, of: site.compiled).check()) == [
                "layout.lock-unread write the data SSSE/EF05/cardNumber | "
                    + (profile == "globalplatform" ? "replace the master key issuer" : "set the card's life cycle 07")
            ])
    }

    @Test func aWriteBehindTheLockIsTold() throws {
        let (plan, card) = try full("national-2.0")
        let late = try rearranged(plan) { steps in
            let writing = try #require(
                steps.firstIndex { $0.purpose == Purpose(.writeElement, "DF01/EF08/maritalStatus") })
            steps.append(steps.remove(at: writing))
        }
        // Written behind both the PIN and the lock: told of each.
        let faults = PlanOrder(late, of: card).check()
        #expect(
            told(faults) == [
                "layout.lock-order write the data DF01/EF08/maritalStatus | replace the master key MKMF",
                "layout.lock-order write the data DF01/EF08/maritalStatus | set the PIN",
            ])
        #expect(faults.first?.parameters["number"] == String(plan.commandCount))
        #expect(faults.first?.place?.fileAndLine.hasPrefix("national-2.0.yaml:") == true)
    }

    @Test(arguments: [
        ("DF01/EF08/maritalStatus", "set the PIN"), ("SSSE/EF08", "set the PIN"), ("DF02/EF07/EF07", "set the PIN"),
    ])
    func aReadBackThatIsMissingIsTold(subject: String, lock: String) throws {
        let (plan, card) = try full("national-2.0")
        let unread = try rearranged(plan) { steps in
            let reading = try #require(steps.firstIndex { $0.purpose == Purpose(.readBack, subject) })
            steps.remove(at: reading)
        }
        let found = told(PlanOrder(unread, of: card).check())
        #expect(found.contains("layout.lock-unread write the data \(subject) | \(lock)"), "\(found)")
        #expect(
            found.contains("layout.lock-unread write the data \(subject) | replace the master key MKMF"), "\(found)")
        #expect(found.count == 2)
    }

    /// DF04/EF06 asks for the PIN and RK1DF04: it is read back behind the PIN, and has to be before the lock.
    @Test func whatOnlyThePINOpensIsReadBackBeforeTheLock() throws {
        let (plan, card) = try full("national-2.0")
        let unread = rearranged(plan) { steps in
            steps.removeAll { $0.purpose == Purpose(.readBack, "DF04/EF06/offlineAllowed") }
        }
        #expect(
            told(PlanOrder(unread, of: card).check()) == [
                "layout.lock-unread write the data DF04/EF06/offlineAllowed | replace the master key MKMF"
            ])
    }

    @Test func aPINThatIsSetBeforeTheDataIsTold() throws {
        let (plan, card) = try full("national-2.0@t514")
        let early = try rearranged(plan) { steps in
            let setting = try #require(steps.firstIndex { $0.purpose.kind == .setPIN })
            let pin = steps.remove(at: setting)
            let writing = try #require(steps.firstIndex { $0.purpose.kind == .writeElement })
            steps.insert(pin, at: writing)
        }
        let found = PlanOrder(early, of: card).check()
        #expect(found.count { $0.code == "layout.lock-order" } > 100)
        #expect(found.allSatisfy { $0.parameters["lock"] == "set the PIN" })
    }
}
