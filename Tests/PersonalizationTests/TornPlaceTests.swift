import CardApplication
import CardLayout
import ISO7816
import Personalization
import Testing
import VirtualCard

/// Torn cards of layouts in which the next directory is not found from where the environment stands.
@Suite struct TornPlaceTests {
    /// The image of the card that a plan makes without a tear.
    private func whole(_ factory: CardFactory, _ plan: CardPlan) throws -> [UInt8] {
        let card = try factory.blank()
        let workshop = try factory.workshop()
        defer { workshop.close() }
        try workshop.begin(plan, on: VirtualCardChannel(card), values: factory.person)
        return card.image
    }

    /// The card torn at a step of a stage and finished, as far as it goes.
    private func finished(
        _ factory: CardFactory, _ plan: CardPlan, stage: Int, step: Int, _ moment: FaultChannel.Moment
    ) throws -> [UInt8] {
        let workshop = try factory.workshop()
        defer { workshop.close() }
        let card = try factory.blank()
        let cut = plan.stages[..<stage].reduce(step) { $0 + $1.steps.count }
        let torn = try FaultChannel(VirtualCardChannel(card), cutAt: cut, moment) { card.powerOff() }
        #expect(throws: PersonalizationError.self) { try workshop.begin(plan, on: torn, values: factory.person) }
        try workshop.resume(plan, on: VirtualCardChannel(card))
        return card.image
    }

    /// What lies in the environment behind the PIN is read after the last application's PIN was set: that stage ends with the way back.
    @Test(arguments: FaultChannel.Moment.allCases)
    func aPINBeforeTheWayToAnotherDirectoryIsAskedByItsOwnCommand(moment: FaultChannel.Moment) throws {
        let factory = try CardFactory(
            RegionLayout.compiled("directories: {SSSE: {files: {EF06: {read: pin}}}}", on: "fmcos"))
        let plan = try factory.plan()
        let stage = try #require(plan.stages.lastIndex { $0.kind == .pin })
        let steps = plan.stages[stage].steps
        #expect(steps.last?.purpose.kind == .selectDirectory, "the stage ends with the way to the next")
        #expect(plan.stages[stage + 1].kind == .pinProtected("SSSE"))
        let image = try whole(factory, plan)
        let setting = try #require(steps.firstIndex { $0.purpose.kind == .setPIN })
        #expect(try finished(factory, plan, stage: stage, step: setting, moment) == image)
    }

    /// An application of a second environment is found from inside that one alone.
    @Test(arguments: FaultChannel.Moment.allCases)
    func anApplicationOfASecondEnvironmentIsFoundAgain(moment: FaultChannel.Moment) throws {
        let layout =
            RegionLayout.newDirectory(version: "2.00") + """

                  DF0B:
                    title: 地区应用二
                    parent: DF0A
                    identifier: DF0B
                    select: D1560000059902
                    files:
                      EF05:
                        title: 地区数据二
                        structure: variable-record
                        read: RK1DF01
                        write: UK1DF01
                        elements:
                          regionNumber: {tag: 20, title: 地区编号, type: an, length: 04}
                """
        let directory = RegionLayout.newDirectoryProfile.split(separator: "\n").dropFirst().joined(separator: "\n")
        let profile =
            RegionLayout.newDirectoryProfile + "\n" + directory.replacing("  DF0A:", with: "  DF0B:")
        let factory = try CardFactory(RegionLayout.compiled(layout, profile: profile))
        let plan = try factory.plan()
        let stage = try #require(plan.stages.firstIndex { $0.kind == .directory("DF0B") })
        let image = try whole(factory, plan)
        #expect(try finished(factory, plan, stage: stage, step: 1, moment) == image)
    }
}
