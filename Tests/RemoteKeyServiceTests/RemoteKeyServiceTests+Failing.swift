import ByteText
import CardCryptography
import CardData
import Foundation
import ISO7816
import RemoteKeyService
import Testing

@testable import IssuerKeys

/// Gateways that are gone, slow or wrong.
extension RemoteKeyServiceTests {
    @Test func `what broke off behind the question is never asked again by itself`() throws {
        let gateway = try GatewayProgram(papers)
        let service = try service(gateway)
        for plan in ["cut", "raw 0023", "raw 002330", "raw 00"] {
            try gateway.plan(plan == "cut" ? plan : plan.replacing("raw", with: "part"))
            let fault = try #require(try fault(service))
            #expect(fault.mayHaveBeenAnswered)
            guard case .brokenOff = fault else {
                Issue.record("\(fault)")
                return
            }
            #expect(try gateway.told().count { $0 == Self.question } == 1)
        }
        // the next connection is the next question: none was made between
        try gateway.plan("greet")
        #expect(try service.greet() != nil)
        #expect(try gateway.told() == ["greeted TLSv1.3 counter"])
    }

    @Test func `a gateway that is not there, or hangs up before it was asked, was not asked`() throws {
        let gateway = try GatewayProgram(papers)
        try gateway.plan("drop")
        let dropped = try #require(try fault(service(gateway)))
        guard case .unreachable = dropped else {
            Issue.record("\(dropped)")
            return
        }
        #expect(!dropped.mayHaveBeenAnswered)
        let port = gateway.port
        gateway.end()
        let settings = GatewaySettings(
            host: "127.0.0.1", port: port, name: GatewayPapers.name, authorities: "", certificate: "", privateKey: "")
        let nobody = RemoteKeyService(settings, as: try papers.credentials(), hierarchy: hierarchy)
        #expect(throws: CardKeyError.gateway(.unreachable("Connection refused"))) { try nobody.greet() }
    }

    @Test(arguments: [("mute", false), ("hang", true), ("part 0023", true)])
    func `a gateway that takes too long is left`(plan: String, wasAsked: Bool) throws {
        let gateway = try GatewayProgram(papers)
        try gateway.plan(plan.hasPrefix("part") ? plan + " hang" : plan)
        let fault = try fault(service(gateway, timeLimit: 1500))
        #expect(fault == .timeLimit(milliseconds: 1500, wasAsked: wasAsked))
        #expect(fault?.mayHaveBeenAnswered == wasAsked)
        #expect(try gateway.told().count { $0 == Self.question } == (wasAsked ? 1 : 0))
    }

    @Test func `answers that are none are not used`() throws {
        let gateway = try GatewayProgram(papers)
        let service = try service(gateway)
        func fault(_ plan: String) throws -> HSMGatewayFault? {
            try gateway.plan(plan)
            defer { _ = try? gateway.told() }
            return try self.fault(service)
        }
        #expect(try fault("raw 0000") == .tooLong(0))
        #expect(try fault("raw 0401" + String(repeating: "30", count: 1025)) == .tooLong(1025))
        #expect(try fault("raw FFFF") == .tooLong(65535))
        let right = try store.externalAuthentication(
            with: issuer("UKSSSE"), of: card(), challenges: pair, form: form
        ).hexadecimal
        for wrong in ["|", right, right + "||", right.dropLast(2) + "|", right + "00|", "Z" + right.dropFirst() + "|"] {
            #expect(try fault("answer \(wrong)") == .malformed("02"))
        }
        #expect(try fault("answer \(right.dropLast())0|") == .malformed("another original information"))
        #expect(try fault("raw 00020A7C") == .malformed("no ASCII"))
        #expect(try fault("answer -2201|") == .refused("-2201"))
        for wrong in ["-|", "-2201", "-22O1|", "-2201||"] {
            #expect(try fault("answer \(wrong)") == .malformed("refusal"))
        }
        try gateway.plan("answer \(right)|")
        #expect(try authenticate(service).hexadecimal == right)
    }
}
