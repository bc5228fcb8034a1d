import CardCryptography
import CardData
import Foundation
import Testing

@testable import IssuerKeys

/// An officer's key in its sealed file, and what it signs.
@Suite struct OfficerKeyTests {
    private let card = CardKeyContext(
        algorithm: .tripleDES, area: "990100", cardFactor: [0x86, 0x49, 1, 2, 3, 4, 5, 6])
    private let now: UInt64 = 1_790_000_000_000
    private var passphrase: SecretBytes { SecretBytes(copying: Array("an officer's own words".utf8)) }

    private func fileText(_ key: OfficerKey) throws -> String {
        try key.fileText(passphrase: passphrase, cost: Custodians.cheap)
    }

    @Test func `a sealed file gives the same key back to its passphrase alone`() throws {
        let key = try OfficerKey.make("2001")
        try Surroundings.withFile(fileText(key), named: "2001.key") { path in
            #expect(try OfficerKey.officer(inFile: path) == "2001")
            let opened = try OfficerKey.open(path, passphrase: passphrase)
            #expect(opened.officer == "2001" && opened.verificationKey.point == key.verificationKey.point)
            let other = SecretBytes(copying: Array("other words".utf8))
            #expect(codes { _ = try OfficerKey.open(path, passphrase: other) } == ["officer-key.not-opened"])
        }
        #expect("\(key)" == "key of officer 2001")
    }

    /// A blank more or less between the members changes nothing; every other byte does.
    @Test func `a file that was altered opens nothing that it was not`() throws {
        let key = try OfficerKey.make("2001")
        let text = Array(try fileText(key).utf8)
        var refused = 0
        for place in stride(from: 0, to: text.count, by: 7) {
            var changed = text
            changed[place] ^= 0x01
            let opened = try Surroundings.withFile(String(decoding: changed, as: UTF8.self), named: "x.key") { path in
                try? OfficerKey.open(path, passphrase: passphrase)
            }
            guard let opened else {
                refused += 1
                continue
            }
            #expect(text[place] == 0x20 || text[place] == 0x0A, "byte \(place)")
            #expect(opened.officer == "2001" && opened.verificationKey.point == key.verificationKey.point)
        }
        #expect(refused > 50)
    }

    @Test func `an approval of two holds for its card, service and ticket, and for its time`() throws {
        let officers = try [OfficerKey.make("1001"), OfficerKey.make("2001")]
        var known = ApprovingOfficers()
        for officer in officers { try known.add(officer.officer, key: officer.verificationKey) }
        let ticket = try WorkTicket("T-17")
        var document = try PINApproval.request(
            .pinReset, card: card, ticket: ticket, requester: "1001", minutes: 60, at: now)
        for officer in officers { document.add(try officer.approve(document.request)) }
        let approved = try document.approved(by: known, at: now + 1000)
        let details = KeyUseSession.approvalDetails(card: card, ticket: ticket)
        try approved.check(for: "pin-reset", details, at: now + 1000)
        #expect(throws: ApprovalError.otherRequest) { try approved.check(for: "pin-unblock", details, at: now) }
        #expect(throws: ApprovalError.expired) { try document.approved(by: known, at: now + 3_600_001) }
    }

    @Test func `what is no service of the PIN, and more than a day, is not asked for`() throws {
        let ticket = try WorkTicket("T-17")
        func refusal(_ operation: KeyOperation, _ minutes: UInt64) -> [String] {
            codes {
                _ = try PINApproval.request(
                    operation, card: card, ticket: ticket, requester: "1001", minutes: minutes, at: now)
            }
        }
        #expect(refusal(.keyLoading, 60) == ["pin-approval.operation"])
        #expect(refusal(.pinReset, 0) == ["pin-approval.validity"])
        #expect(refusal(.pinReset, 1441) == ["pin-approval.validity"])
        #expect(refusal(.pinReload, 1440).isEmpty)
    }
}
