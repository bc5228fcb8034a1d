import CardApplication
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Personalization
import Testing
import VirtualCard

/// Every cut point, before the command and after the card did it but before it answered: put in again, the card is finished, and
/// identical but for the number of secure channels it has seen.
@Suite struct GlobalPlatformTornTests {
    /// Few commands, so that every cut point can be tried: only the person's own records.
    private static let small = "storeData: {blankRecords: false}"

    private func whole(_ site: GlobalPlatformSite, _ plan: CardPlan) throws -> [UInt8] {
        let card = try site.blank()
        let workshop = try site.workshop()
        defer { workshop.close() }
        try workshop.begin(plan, on: VirtualCardChannel(card))
        return card.image(countsChannels: false)
    }

    @Test(
        arguments: [
            small, small + "\nlifeCycleStates: [07, 0F]",
            small + "\nlifeCycleStates: [07, 0F]\ndiversification: {issuer: counter}\nsecureChannel: "
                + "{protocol: 03, parameter: 70, level: 33}",
        ], FaultChannel.Moment.allCases)
    func everyCutIsHealed(settings: String, moment: FaultChannel.Moment) throws {
        let site = try GlobalPlatformSite(settings)
        let plan = try site.plan()
        let finished = try whole(site, plan)
        for step in 0..<plan.commandCount {
            let workshop = try site.workshop()
            defer { workshop.close() }
            let card = try site.blank()
            let torn = try FaultChannel(VirtualCardChannel(card), cutAt: step, moment) { card.powerOff() }
            #expect(throws: PersonalizationError.self, "step \(step)") { try workshop.begin(plan, on: torn) }
            try workshop.resume(plan, on: VirtualCardChannel(card))
            #expect(card.image(countsChannels: false) == finished, "step \(step)")
        }
    }

    /// The whole layout on each profile of the tree.
    @Test(
        arguments: [
            ("national-2.0", "globalplatform"), ("national-2.0", "globalplatform-i55"),
            ("national-2.0", "globalplatform-scp03"), ("national-3.0", "globalplatform-scp03"),
        ], FaultChannel.Moment.allCases)
    func everyCutOfAWholeCardIsHealed(kind: (layout: String, profile: String), moment: FaultChannel.Moment) throws {
        let site = try GlobalPlatformSite(layout: kind.layout, profile: kind.profile)
        let plan = try site.plan()
        let finished = try whole(site, plan)
        for cut in CutPoints.of(plan, each: 29) {
            let workshop = try site.workshop()
            defer { workshop.close() }
            let card = try site.blank()
            let torn = try FaultChannel(VirtualCardChannel(card), cutAt: cut, moment) { card.powerOff() }
            do {
                try workshop.begin(plan, on: torn)
                #expect(cut == plan.commandCount, "cut \(cut) did not tear the card")
            } catch PersonalizationError.interrupted {}
            try workshop.resume(plan, on: VirtualCardChannel(card))
            #expect(card.image(countsChannels: false) == finished, "cut \(cut)")
        }
    }

    /// The whole layout: the cut points where stages meet, each torn a second time in the lock.
    @Test(arguments: FaultChannel.Moment.allCases)
    func theWholeCardSurvivesTwoTears(moment: FaultChannel.Moment) throws {
        let site = try GlobalPlatformSite("lifeCycleStates: [07, 0F]")
        let plan = try site.plan()
        let finished = try whole(site, plan)
        var first = 0
        for stage in plan.stages {
            let last = first + stage.steps.count - 1
            for step in Set([first, last]) {
                let workshop = try site.workshop()
                defer { workshop.close() }
                let card = try site.blank()
                var torn = try FaultChannel(VirtualCardChannel(card), cutAt: step, moment) {
                    card.powerOff()
                }
                #expect(throws: PersonalizationError.self) { try workshop.begin(plan, on: torn) }
                torn = try FaultChannel(VirtualCardChannel(card), cutAt: 5, moment) { card.powerOff() }
                do { try workshop.resume(plan, on: torn) } catch PersonalizationError.interrupted {}
                try workshop.resume(plan, on: VirtualCardChannel(card))
                #expect(card.image(countsChannels: false) == finished, "step \(step)")
            }
            first = last + 1
        }
    }

    @Test func tornCardsAreToldFromBlankAndIssuedOnes() throws {
        let site = try GlobalPlatformSite(Self.small)
        let plan = try site.plan()
        func kind(_ card: GlobalPlatformCard) throws -> CardClassification {
            try CardClassification.of(
                site.conversation(ReadOnlyChannel(VirtualCardChannel(card))), layout: site.compiled.layout)
        }
        #expect(try kind(site.card) == .blank)
        var kinds: Set<CardClassification> = []
        let code = try #require(site.person["identificationCode"])
        for step in stride(from: 10, to: plan.commandCount, by: 3) {
            let workshop = try site.workshop()
            defer { workshop.close() }
            let card = try site.blank()
            let torn = try FaultChannel(VirtualCardChannel(card), cutAt: step, .beforeCommand) {
                card.powerOff()
            }
            #expect(throws: PersonalizationError.self) { try workshop.begin(plan, on: torn) }
            kinds.insert(try kind(card))
        }
        // never a blank once an application is on it
        #expect(kinds == [.unknown, .issued(identificationCode: code)])
    }

    @Test func aCardThatWasBegunElsewhereInTheMeantimeIsLeftAlone() throws {
        let site = try GlobalPlatformSite(Self.small)
        let plan = try site.plan()
        let workshop = try site.workshop()
        defer { workshop.close() }
        let torn = try FaultChannel(VirtualCardChannel(site.card), cutAt: 30, .beforeCommand) {
            site.card.powerOff()
        }
        #expect(throws: PersonalizationError.self) { try workshop.begin(plan, on: torn) }
        // another office makes a card of it for somebody else
        let other = "990101D15600000504000002A1B2C3D4"
        let elsewhere = try site.workshop()
        defer { elsewhere.close() }
        let otherPlan = try site.plan(site.person.merging(["identificationCode": other]) { $1 })
        try elsewhere.begin(otherPlan, on: VirtualCardChannel(site.card))
        let before = site.card.image()
        #expect(throws: PersonalizationError.notAsLeft(found: other)) {
            try workshop.resume(plan, on: VirtualCardChannel(site.card))
        }
        #expect(site.card.image() == before)
    }
}
