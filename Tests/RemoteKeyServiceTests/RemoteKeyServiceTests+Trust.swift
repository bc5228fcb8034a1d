import ByteText
import CardCryptography
import CardData
import Foundation
import ISO7816
import RemoteKeyService
import Testing

@testable import IssuerKeys

/// Who proves to be whom, and what happens where somebody does not.
extension RemoteKeyServiceTests {
    @Test(arguments: [
        ("foreign-gateway", GatewayPapers.name), ("expired-gateway", GatewayPapers.name),
        ("other-name", GatewayPapers.name), ("other-name", "127.0.0.1"), ("gateway", "gateway.test.other"),
        ("gateway", "127.0.0.3"),
    ])
    func `a gateway that cannot prove itself is asked nothing`(holder: String, name: String) throws {
        let gateway = try GatewayProgram(papers, as: holder)
        try gateway.plan("answer 00|")
        guard case .notTrusted(let reason)? = try fault(service(gateway, name: name)) else {
            Issue.record("trusted")
            return
        }
        let expected = ["foreign-gateway": "issuer certificate", "expired-gateway": "expired"][holder] ?? "mismatch"
        #expect(reason.contains(expected))
        #expect(try !gateway.told().contains { $0.hasPrefix("asked") })
    }

    @Test func `the gateway's name may be an address that its certificate carries`() throws {
        let gateway = try GatewayProgram(papers)
        try gateway.plan("greet")
        #expect(try service(gateway, name: "127.0.0.1").greet() != nil)
    }

    @Test(arguments: ["foreign-counter", "expired-counter"])
    func `a gateway that does not take the own certificate says so`(holder: String) throws {
        let gateway = try GatewayProgram(papers)
        try gateway.plan("answer 00|")
        guard case .refusesUs? = try fault(service(gateway, as: papers.credentials(of: holder))) else {
            Issue.record("not told")
            return
        }
        #expect(try !gateway.told().contains { $0.hasPrefix("asked") })
    }

    @Test(arguments: ["foreign-counter", "expired-counter"])
    func `a greeting alone shows that the gateway does not take the own certificate`(holder: String) throws {
        let gateway = try GatewayProgram(papers)
        try gateway.plan("greet")
        let service = try service(gateway, as: papers.credentials(of: holder))
        let thrown = #expect(throws: CardKeyError.self) { try service.greet() }
        guard case .gateway(.refusesUs)? = thrown else {
            Issue.record("not told")
            return
        }
        #expect(try !gateway.told().contains { $0.hasPrefix("greeted") })
    }

    @Test func `credentials that cannot be used are told, and nobody is called without`() throws {
        func refused(
            _ what: HSMGatewayFault.Credential, _ file: String, of holder: String = "counter", key: String? = nil,
            trusting authority: String = "centre", passphrase: String = ""
        ) {
            #expect(throws: CardKeyError.gateway(.credentials(what, path: papers.path(file)))) {
                try papers.credentials(of: holder, key: key, trusting: authority, passphrase: passphrase)
            }
        }
        refused(.authorities, "nobody.pem", trusting: "nobody")
        refused(.certificate, "nobody.pem", of: "nobody", key: "counter.key")
        refused(.keyOfAnother, "gateway.key", key: "gateway.key")
        refused(.keyMissing, "nobody.key", key: "nobody.key")
        refused(.privateKey, "counter-sealed.key", key: "counter-sealed.key")
        refused(.privateKey, "counter-sealed.key", key: "counter-sealed.key", passphrase: "other words")
        let open = papers.path("open.key")
        try Data(contentsOf: URL(filePath: papers.path("counter.key"))).write(to: URL(filePath: open))
        chmod(open, 0o644)
        refused(.keyOpenToOthers, "open.key", key: "open.key")
        let gateway = try GatewayProgram(papers)
        let sealed = try papers.credentials(key: "counter-sealed.key", passphrase: GatewayPapers.passphrase)
        try gateway.plan("greet")
        #expect(try service(gateway, as: sealed).greet() != nil)
        #expect("\(sealed) \(String(reflecting: sealed))" == "GatewayCredentials GatewayCredentials")
    }
}
