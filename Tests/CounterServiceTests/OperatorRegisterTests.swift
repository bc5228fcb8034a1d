import CardCryptography
import CardData
import Foundation
import Glibc
import Testing

@testable import CounterService

@Suite final class OperatorRegisterTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "operators-\(UUID().uuidString)").path
    private let cheap = KeyDerivation.ScryptCost(cost: 2)
    private let teller = Operator(number: 1001, name: "张一", roles: [.teller, .supervisor])

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func secret(_ text: String) -> SecretBytes { SecretBytes(copying: Array(text.utf8)) }

    @Test func thePasswordAloneOpensAndAnotherRegisterSeesTheChange() throws {
        let register = OperatorRegister(dataFolder: folder, cost: cheap)
        let other = OperatorRegister(dataFolder: folder, cost: cheap)
        #expect(try other.all().isEmpty)
        try register.add(teller, password: secret("one good phrase"))
        #expect(try other.authenticate(1001, secret("one good phrase"))?.name == teller.name)
        #expect(try other.authenticate(1001, secret("one good phras")) == nil)
        #expect(try other.authenticate(1002, secret("one good phrase")) == nil)
        try register.setPassword(of: 1001, secret("another phrase"))
        #expect(try other.authenticate(1001, secret("one good phrase")) == nil)
        #expect(try other.authenticate(1001, secret("another phrase"))?.roles == teller.roles)
    }

    @Test func whoIsOffDutyHasNoRoleAndNoPassword() throws {
        let register = OperatorRegister(dataFolder: folder, cost: cheap)
        try register.add(teller, password: secret("one good phrase"))
        try register.remove(1001)
        #expect(try register.operation(1001)?.roles == [])
        #expect(try register.authenticate(1001, secret("one good phrase")) == nil)
        #expect(throws: Faults("operator.off-duty", ["number": "1001"])) {
            try register.setPassword(of: 1001, secret("another phrase"))
        }
        #expect(try register.operation(1001)?.roles == [])
        #expect(throws: Faults("operator.taken", ["number": "1001"])) {
            try register.add(teller, password: secret("one good phrase"))
        }
    }

    @Test func otherRolesAreGivenAsAWholeAndMakeSessionsOfBeforeInvalid() throws {
        let register = OperatorRegister(dataFolder: folder, cost: cheap) { Date(timeIntervalSince1970: 1_790_000_000) }
        try register.add(teller, password: secret("one good phrase"))
        let before = try #require(try register.operation(1001)).sessionMark
        #expect(throws: Faults("operator.same-roles", ["number": "1001"])) {
            try register.setRoles(of: 1001, teller.roles)
        }
        #expect(throws: Faults("operator.no-role")) { try register.setRoles(of: 1001, []) }
        #expect(throws: Faults("operator.unknown", ["number": "7"])) { try register.setRoles(of: 7, [.teller]) }
        #expect(try register.operation(1001)?.sessionMark == before)
        try register.setRoles(of: 1001, [.stockKeeper, .personalizer])
        let after = try #require(try register.operation(1001))
        #expect(after.roles == [.stockKeeper, .personalizer] && after.sessionMark != before)
        #expect(try register.authenticate(1001, secret("one good phrase"))?.roles == after.roles)
        let lines = try String(contentsOfFile: folder + "/operators/changes", encoding: .utf8)
        #expect(
            lines.hasSuffix(
                """
                "change":"roles","operator":1001,"roles":["stock-keeper","personalizer"],"user":\(getuid())}\n
                """))
        try register.remove(1001)
        #expect(throws: Faults("operator.off-duty", ["number": "1001"])) {
            try register.setRoles(of: 1001, [.teller])
        }
    }

    @Test func everyChangeStandsInALineWithNumberAndUserAndWhatIsRefusedInNone() throws {
        let register = OperatorRegister(dataFolder: folder, cost: cheap) { Date(timeIntervalSince1970: 1_790_000_000) }
        try register.add(teller, password: secret("one good phrase"))
        #expect(throws: Faults.self) { try register.add(teller, password: secret("one good phrase")) }
        try register.setPassword(of: 1001, secret("another phrase"))
        try register.remove(1001)
        let lines = try String(contentsOfFile: folder + "/operators/changes", encoding: .utf8)
        // date -u -d @1790000000
        let expected = ["added", "password", "off-duty"].map {
            "{\"at\":\"2026-09-21T14:13:20Z\",\"change\":\"\($0)\",\"operator\":1001,\"user\":\(getuid())}\n"
        }
        #expect(lines == expected.joined())
    }

    @Test(arguments: ["abcdefghij", "zyxwvutsrq", "1234567890", "0987654321", "aaaaaaaaaa"])
    func runsOfCharactersAreNoPasswords(text: String) {
        #expect(throws: Faults("operator.password-trivial")) { try PasswordRule.check(secret(text), of: 7) }
    }
}
