import CardData
import Foundation
import Testing

@testable import IssuerKeys

@Suite struct KeyMessageTests {
    @Test func `every fault code of this room has a message in both languages`() throws {
        // the codes as the sources write them
        let folder = Surroundings.home.appending(path: "Sources/IssuerKeys").resolvingSymlinksInPath()
        let paths = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        var codes: Set<String> = []
        for case let file as URL in paths where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /"((?:card-key|key-store|key-hierarchy|forbidden-roots)\.[a-z-]+)"/) {
                codes.insert(String(match.1))
            }
        }
        #expect(codes.count >= 24)
        for code in codes {
            let fault = Fault(FaultCode(rawValue: code))
            #expect([2, 4].contains(MessageCatalogue.standard.exitCode(for: fault.code)), "\(code)")
            for language in MessageLanguage.allCases {
                let text = MessageCatalogue.standard.text(for: fault, language: language)
                #expect(text.what != code && !text.next.isEmpty, "\(code)")
            }
        }
    }

    @Test func `the gaps of the messages are filled`() {
        let errors: [CardKeyError] = [
            .unknownKey(KeyName(rawValue: "UKXX")), .keyNotHeld(KeyName(rawValue: "IRK"), .sm4, area: "990100"),
            .versionNotHeld(KeyName(rawValue: "IRK"), .first), .versionWithdrawn(KeyName(rawValue: "IRK"), .first),
            .algorithmNotAvailable(.ssf33), .zeroChallenge, .wrongLength("challenge", 3),
            .useNotAllowed(KeyName(rawValue: "IRK"), "key-loading"), .serviceFailed("reason"),
        ]
        for fault in errors.flatMap(\.faults) {
            #expect(MessageCatalogue.standard.exitCode(for: fault.code) == 4)
            for language in MessageLanguage.allCases {
                let text = MessageCatalogue.standard.text(for: fault, language: language)
                #expect(!text.what.contains("{") && !text.next.contains("{"))
            }
        }
    }
}
