import ByteText
import CardCryptography
import CardData
import Foundation
import Testing

@testable import IssuerKeys

@Suite struct KeyCeremonyTests {
    private let custodians: Custodians
    private let hierarchy: KeyHierarchy
    private let later = Custodians.start.adding(days: 1)

    init() throws {
        custodians = try Custodians()
        hierarchy = try Surroundings.hierarchy()
    }

    private func component(_ text: String, _ algorithm: CardAlgorithm = .sm4) throws -> KeyComponent {
        try KeyComponent.read(Array(text.utf8).span, algorithm)
    }

    /// Root and keys by an own path: XOR, then HKDF with the primitives of CardCryptography alone.
    ///
    /// The root's check value was made with `openssl enc -sm4-ecb -nopad`.
    @Test func `a ceremony makes the keys that its components give`() throws {
        let (set, transcript) = try custodians.finished()
        let root = try bytes("F1D3B597795B3D1F0E2C4A6886A4C2E0")
        #expect(set.level == .province && set.area == "990000" && set.name == "province")
        #expect(set.root == KeyCheckValue("enc-zero:9D098DFF17"))
        #expect(set.identities.count == 2 * 3 * hierarchy.keys.count)
        for (name, algorithm) in [("UKSSSE", CardAlgorithm.sm4), ("STKDF03", .tripleDES)] {
            let expected = try KeyDerivation.hkdf(
                .sm3, secret: root.span, salt: Array("sscard key ceremony 1".utf8),
                info: Array("key \(algorithm) \(name) version 1".utf8), count: 16)
            let identity = KeySet.Identity(name: KeyName(rawValue: name), algorithm: algorithm)
            let isSame = set[identity]?.withSpan { left in expected.withSpan { constantTimeEqual(left, $0) } }
            #expect(isSame == true)
        }
        let outcome = try #require(transcript.record.outcome)
        #expect(outcome.keyCount == set.identities.count)
        #expect(try outcome.checkList == KeySetCheckList(set).digest)
        #expect(
            transcript.record.commitments.map(\.checkValue.description)
                == ["enc-zero:2677F4", "enc-zero:72EBA3", "enc-zero:C438F5"])
    }

    @Test func `the set is sealed, opened in production, and gives a city its keys`() throws {
        let set = try custodians.finished().set
        let secret = SecretBytes(copying: Array("twelve and more".utf8))
        let text = try SealedKeyStore.seal(set, passphrase: secret)
        try Surroundings.withStore(text) { directory in
            let opened = try SealedKeyStore.open(
                directory: directory, passphrase: secret, mode: .production(ForbiddenRoots(), hierarchy: hierarchy))
            let city = try opened.citySet(area: "990100", name: "city", hierarchy: hierarchy)
            #expect(city.root == set.root)
        }
    }

    @Test func `a ceremony is paused after each step and taken up from its file`() throws {
        try withFolder { folder in
            let path = folder + "/state"
            var ceremony = try custodians.ceremony()
            try DurableFile.create(ceremony.stateText, at: path)
            for (key, text) in zip(custodians.keys, Custodians.components) {
                var resumed = try KeyCeremony.read(path)
                #expect(resumed.next == key.custodian)
                try resumed.commit(component(text), .typed, by: key, time: Custodians.start)
                try DurableFile.replace(resumed.stateText, at: path)
                // no component is in the file
                let digits = text.replacingOccurrences(of: " ", with: "")
                #expect(try !DurableFile.read(path).contains(digits))
            }
            ceremony = try KeyCeremony.read(path)
            #expect(ceremony.next == nil)
            let (set, transcript) = try ceremony.finish(custodians.keys, hierarchy: hierarchy, time: later)
            #expect(try set.root == custodians.finished().set.root)
            try DurableFile.replace(ceremony.stateText, at: path)
            let finished = try KeyCeremony.read(path)
            #expect(finished.envelopes.isEmpty)
            #expect(finished.transcript?.fileText == transcript.fileText)
        }
    }

    @Test func `people are refused who are twice, too few, too many, strangers, or not next`() throws {
        func opening(_ chosen: [Custodian], level: KeyLevel = .province, area: String = "990000") -> [String] {
            codes {
                _ = try KeyCeremony(
                    name: "x", level: level, area: area, algorithm: .sm4, custodians: chosen, time: Custodians.start)
            }
        }
        let people = custodians.keys.map(\.custodian)
        let renumbered = try Custodian(number: 7, name: "别名", point: people[0].point)
        let namesake = try Custodian(number: 8, name: people[0].name, point: people[1].point)
        let six = try Custodians(6).keys.map(\.custodian)
        #expect(opening([people[0], people[0]]) == ["custodian.twice"])
        #expect(opening([people[0], renumbered]) == ["custodian.twice"])
        #expect(opening([people[0], namesake]) == ["custodian.twice"])
        #expect(opening([people[0]]) == ["ceremony.custodian-count"])
        #expect(opening(six) == ["ceremony.custodian-count"])
        #expect(opening(Array(six.prefix(5))) == [])
        #expect(
            opening([], level: .city, area: "99") == ["ceremony.custodian-count", "ceremony.level", "ceremony.area"])

        var ceremony = try custodians.ceremony()
        let stranger = try Custodians(1).keys[0]
        let one = try component(Custodians.components[0])
        #expect(codes { try ceremony.commit(one, .typed, by: stranger, time: later) } == ["ceremony.stranger"])
        #expect(
            codes { try ceremony.commit(one, .typed, by: custodians.keys[1], time: later) } == ["ceremony.out-of-order"]
        )
        #expect(ceremony.record.commitments.isEmpty && ceremony.envelopes.isEmpty)
        try ceremony.commit(one, .typed, by: custodians.keys[0], time: later)
        #expect(
            codes { try ceremony.commit(one, .typed, by: custodians.keys[0], time: later) }
                == ["ceremony.already-committed"])
        #expect(
            codes { try ceremony.commit(one, .typed, by: custodians.keys[1], time: Custodians.start) }
                == ["ceremony.clock"])
    }

    @Test func `zero, weak, malformed and equal components are refused`() throws {
        let zeros = String(repeating: "0", count: 32)
        #expect(codes { _ = try component(zeros) } == ["component.zero"])
        #expect(codes { _ = try component(zeros, .tripleDES) } == ["component.zero"])
        for weak in [
            "01010101010101010123456789ABCDEF", "0123456789ABCDEFFEFEFEFEFEFEFEFE", "0123456789ABCDEF0123456789ABCDEF",
            "0123456789ABCDEF0022446688AACCEE", "01FE01FE01FE01FE0123456789ABCDEF",
        ] {
            #expect(codes { _ = try component(weak, .tripleDES) } == ["component.weak"], "\(weak)")
            #expect(codes { _ = try component(weak) } == [], "\(weak) is no DES key here")
        }
        for text in ["", "0123", zeros + "00", "0123456789ABCDEFFEDCBA987654321G"] {
            #expect(codes { _ = try component(text) } == ["component.digits"])
        }
        #expect(codes { _ = try component(Custodians.components[0], .ssf33) } == ["component.algorithm"])
        var ceremony = try custodians.ceremony()
        let one = try component(Custodians.components[0])
        try ceremony.commit(one, .typed, by: custodians.keys[0], time: later)
        #expect(
            codes { try ceremony.commit(one, .typed, by: custodians.keys[1], time: later) }
                == ["ceremony.equal-components"])
        let other = try component(Custodians.components[1], .tripleDES)
        #expect(
            codes { try ceremony.commit(other, .typed, by: custodians.keys[1], time: later) } == ["ceremony.algorithm"])
    }

    @Test func `an end without all, in another order, or with a stranger makes nothing and loses nothing`() throws {
        var ceremony = try custodians.committed(Array(Custodians.components.prefix(2)))
        #expect(
            codes { _ = try ceremony.finish(custodians.keys, hierarchy: hierarchy, time: later) }
                == ["ceremony.not-all-committed"])
        ceremony = try custodians.committed(Custodians.components)
        let keys = custodians.keys
        let stranger = try Custodians(1).keys[0]
        for (chosen, code) in [
            (Array(keys.prefix(2)), ["ceremony.missing-key"]), (keys.reversed(), ["ceremony.out-of-order"]),
            (keys + [stranger], ["ceremony.stranger"]), (keys + [keys[0]], ["custodian.twice"]),
            ([], ["ceremony.missing-key", "ceremony.missing-key", "ceremony.missing-key"]),
        ] {
            #expect(codes { _ = try ceremony.finish(chosen, hierarchy: hierarchy, time: later) } == code)
        }
        #expect(ceremony.record.outcome == nil && ceremony.envelopes.count == 3)
        _ = try ceremony.finish(keys, hierarchy: hierarchy, time: later)
        #expect(codes { _ = try ceremony.finish(keys, hierarchy: hierarchy, time: later) } == ["ceremony.finished"])
        #expect(
            codes {
                try ceremony.commit(
                    component("11" + String(repeating: "0", count: 30)), .typed, by: keys[0], time: later)
            }
                == ["ceremony.finished"])
    }

    @Test func `components that cancel each other or give a weak root are refused`() throws {
        let two = try Custodians(2)
        var weak = try two.committed(
            ["0123456789ABCDEFFEDCBA9876543210", "0022446688AACCEE00224466ABCDEF01"], .tripleDES)
        // 0123456789ABCDEF ⊕ 0022446688AACCEE = 0101010101010101
        #expect(
            codes { _ = try weak.finish(two.keys, hierarchy: hierarchy, time: later) } == ["ceremony.weak-root"])
        var zero = try custodians.committed([
            "0123456789ABCDEFFEDCBA9876543210", "00112233445566778899AABBCCDDEEFF", "01326754CDFEAB9876451023BA89DCEF",
        ])
        #expect(
            codes { _ = try zero.finish(custodians.keys, hierarchy: hierarchy, time: later) } == ["ceremony.zero-root"])
    }

    @Test func `a component that is not the committed one, or another one's envelope, is refused`() throws {
        var ceremony = try custodians.committed(Custodians.components)
        let key = custodians.keys[1]
        let other = try component("0F0E0D0C0B0A09080706050403020100")
        let envelopes = ceremony.envelopes
        let header = ceremony.record.commitments[1].signedBytes
        let salt = SecretBytes(copying: [UInt8](repeating: 1, count: 32))
        let state = ceremony.stateText
        func finish(_ changed: [UInt8]) throws -> [String] {
            let text = state.replacingOccurrences(of: envelopes[1].hexadecimal, with: changed.hexadecimal)
            var resumed = try KeyCeremony(DataFile.parse(text, file: "state"))
            return codes { _ = try resumed.finish(custodians.keys, hierarchy: hierarchy, time: later) }
        }
        let swapped = try key.sealEnvelope(other.opening(salt: salt), header: header)
        #expect(try finish(swapped) == ["ceremony.commitment-mismatch"])
        let elsewhere = try key.sealEnvelope(other.opening(salt: salt), header: header + [0])
        #expect(try finish(elsewhere) == ["ceremony.envelope"])
        #expect(try finish(envelopes[0]) == ["ceremony.envelope"])
        #expect(try finish(envelopes[1]) == [])
        _ = try ceremony.finish(custodians.keys, hierarchy: hierarchy, time: later)
    }

    @Test func `a state that was altered is not taken up`() throws {
        let ceremony = try custodians.committed(Array(Custodians.components.prefix(2)))
        let state = ceremony.stateText
        for (found, changed) in [
            ("province", "ministry"), ("990000", "980000"), ("typed", "generated"), (":00Z", ":01Z"),
        ] {
            let text = state.replacingOccurrences(of: found, with: changed)
            #expect(text != state)
            #expect(
                codes { _ = try KeyCeremony(DataFile.parse(text, file: "state")) } == ["ceremony.state-altered"],
                "\(found)")
        }
        let range = try #require(state.range(of: "\"envelopes\": ["))
        let cut = state[..<range.upperBound] + "]\n}\n"
        #expect(
            codes { _ = try KeyCeremony(DataFile.parse(String(cut), file: "state")) } == ["ceremony.state-altered"])
    }

    @Test func `generated components differ, and nothing of a component can be printed`() throws {
        let one = try KeyComponent.random(.sm4)
        #expect(!one.isEqual(to: try KeyComponent.random(.sm4)))
        #expect("\(one)" == "component")
        #expect("\(custodians.keys[0])" == "key of custodian 1001")
        var dumped = ""
        dump(one, to: &dumped)
        dump(custodians.keys[0], to: &dumped)
        #expect(!dumped.contains("bytes") && !dumped.contains("signing"))
    }

    @Test func `a commitment is the SM3 of salt and component`() throws {
        let salt = [UInt8](repeating: 0xA5, count: 32)
        let one = try component(Custodians.components[0])
        let expected = try HashFunction.sm3.hash(salt + bytes(Custodians.components[0]))
        let commitment = try one.commitment(salt: SecretBytes(copying: salt))
        #expect(commitment == expected)
    }
}
