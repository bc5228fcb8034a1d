import CardData
import Foundation
import IssuerKeys
import Issuing
import Lifecycle
import Testing

@testable import CounterService

/// Who may do an act by the table, and who may use the keys that the act needs by `Keys/use-policy.yaml`: the same people, and where one
/// wants two persons so does the other.
@Suite struct KeyRoleTests {
    private static let home = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardizedFileURL.path(percentEncoded: false)

    private let use: UsePolicy
    private let lifecycle: LifecyclePolicy

    init() throws {
        use = try UsePolicy.read(
            Self.home + "/Keys/use-policy.yaml", hierarchy: KeyHierarchy.read(Self.home + "/Keys/hierarchy.yaml"))
        lifecycle = try LifecyclePolicy.load()
    }

    private func roles(_ transition: Transition) -> Set<String> {
        Set(TransitionTable.row(transition).officers.map { KeyRole(of: $0).rawValue })
    }

    @Test(arguments: [
        (KeyOperation.pinReset, Transition.resetPIN), (.pinReload, .resetPIN), (.pinUnblock, .unblockPIN),
    ])
    func aServiceOfThePINIsForTheSamePeopleInBoth(operation: KeyOperation, transition: Transition) throws {
        let rule = try #require(use[operation])
        #expect(rule.roles == roles(transition), "\(operation)")
        #expect((rule.persons == 2) == lifecycle.twoPersonActs.contains(transition), "\(operation)")
        // Lifting the lock goes with the service, in the same hands.
        #expect(roles(.releasePINLock) == rule.roles)
        // Whoever confirms is another than whoever does it.
        #expect(
            TransitionTable.row(transition).secondPersons.isDisjoint(with: TransitionTable.row(transition).officers))
    }

    /// An old card's chip is ended by a supervisor as well, and the log of keys then tells a supervisor.
    @Test(arguments: [Role.teller, .supervisor])
    func keysAreUsedInTheRoleInWhichAStepIsDone(role: Role) throws {
        #expect(TransitionTable.row(.endChip).officers.contains(role))
        let input = IssueInput(handling: Handling(by: Officer(number: 2001, role: role), proofs: .oldCardTaken))
        let used = try input.officerKeySession.user
        #expect(used == (try KeyOperator("2001", role: role == .teller ? "teller" : "supervisor")))
        #expect(try #require(use[.commandMAC]).roles.contains(used.role))
    }

    @Test(arguments: [KeyOperation.identificationCode, .keyLoading, .firstPIN])
    func cardsAreMadeByTheSamePeopleInBoth(operation: KeyOperation) throws {
        #expect(try #require(use[operation]).roles == roles(.personalize), "\(operation)")
    }
}
