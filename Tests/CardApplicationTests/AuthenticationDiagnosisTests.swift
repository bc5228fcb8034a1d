import CardApplication
import CardCryptography
import CardData
import CardLayout
import IssuerKeys
import Testing

/// For each way in which two sides can differ, the cause that is told.
@Suite struct AuthenticationDiagnosisTests {
    private static let factor: [UInt8] = [0x86, 0x49, 0x99, 0x01, 0x00, 0x00, 0x00, 0x01]

    private static func terms(
        checkValue: String = "enc-zero:08D7B4", area: String = "990101", algorithm: CardAlgorithm = .tripleDES,
        factor: [UInt8] = factor, form: CardOperation.AuthenticationForm = .session,
        order: COSProfile.ChallengeOrder = .newestIsFactor, width: Int = 8, isDevelopment: Bool = true,
        version: String? = nil, blocks: SM4Blocks? = nil
    ) -> AuthenticationTerms {
        AuthenticationTerms(
            key: KeyName(rawValue: "UKSSSE"), checkValue: KeyCheckValue(checkValue), area: area, algorithm: algorithm,
            cardFactor: factor, form: form, challengeOrder: order, sessionKeyWidth: width,
            blocks: blocks, keySet: AuthenticationTerms.KeySetMark(isDevelopment: isDevelopment, version: version))
    }

    private func causes(
        _ now: AuthenticationTerms, recorded: AuthenticationTerms?, answerFactor: [UInt8]? = factor,
        cardArea: String? = nil
    ) throws -> [AuthenticationDiagnosis.Cause] {
        let diagnosis = AuthenticationDiagnosis(
            of: now, recorded: recorded, answerFactor: answerFactor, cardArea: cardArea,
            profile: try CardSite.profile())
        for fault in diagnosis.faults {
            #expect(MessageCatalogue.standard.text(for: fault, language: .english).what != fault.code.rawValue)
        }
        return diagnosis.causes
    }

    @Test func anotherCitysKeys() throws {
        #expect(
            try causes(Self.terms(checkValue: "enc-zero:000001", area: "990102"), recorded: Self.terms())
                == [.area(card: "990101", used: "990102")])
        // A card never seen here tells its city by its identification code.
        #expect(
            try causes(Self.terms(area: "990102"), recorded: nil, cardArea: "990101")
                == [.area(card: "990101", used: "990102")])
    }

    @Test func developmentKeysOnAProductionCard() throws {
        #expect(
            try causes(
                Self.terms(checkValue: "enc-zero:000001"),
                recorded: Self.terms(isDevelopment: false)) == [.keySet(isDevelopment: true)])
        // Area 99 belongs to nobody, so a card of any other is no training card.
        #expect(
            try causes(Self.terms(area: "110100"), recorded: nil, cardArea: "110100")
                == [.keySet(isDevelopment: true)])
        #expect(
            try causes(Self.terms(isDevelopment: false), recorded: nil, cardArea: "990101")
                == [.keySet(isDevelopment: false)])
    }

    @Test func anotherKeySet() throws {
        #expect(
            try causes(Self.terms(checkValue: "enc-zero:000001"), recorded: Self.terms())
                == [.checkValue(card: "enc-zero:08D7B4", used: "enc-zero:000001")])
    }

    @Test func anotherVersion() throws {
        #expect(
            try causes(
                Self.terms(checkValue: "enc-zero:000001", version: "2"), recorded: Self.terms(version: "1"))
                == [.version(card: "1", used: "2")])
    }

    @Test func anotherDerivation() throws {
        let other: [UInt8] = [0x99, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00]
        #expect(
            try causes(Self.terms(checkValue: "enc-zero:000001", factor: other), recorded: Self.terms())
                == [.factor(card: "8649990100000001", used: "9901000000010000")])
        // The profile's rule was changed since the card took a key: answer to reset and use agree, and the card does not.
        #expect(
            try causes(
                Self.terms(checkValue: "enc-zero:000001", factor: other), recorded: Self.terms(), answerFactor: other)
                == [.factor(card: "8649990100000001", used: "9901000000010000")])
    }

    @Test func anotherProtocol() throws {
        #expect(
            try causes(Self.terms(checkValue: "enc-zero:000001", algorithm: .sm4), recorded: Self.terms())
                == [.algorithm(card: "3des", used: "sm4")])
        #expect(try causes(Self.terms(width: 16), recorded: Self.terms()) == [.sessionKeyWidth(card: 8, used: 16)])
    }

    /// Records of before the fillings were written down have none, and are compared without them.
    @Test func blocksFilledInAnotherWay() throws {
        let now = Self.terms(algorithm: .sm4, blocks: SM4Blocks(sessionKey: .zeroFilled))
        #expect(
            try causes(now, recorded: Self.terms(algorithm: .sm4, blocks: .usual))
                == [
                    .blocks(
                        card: "complemented/zero-filled/complemented", used: "zero-filled/zero-filled/complemented")
                ])
        #expect(try causes(now, recorded: Self.terms(algorithm: .sm4)) == [.cardChanged])
    }

    @Test func aFormThatTheProfileDoesNotName() throws {
        let profile = try CardSite.variant("authenticationForms: [8]")
        let diagnosis = AuthenticationDiagnosis(
            of: Self.terms(), recorded: nil, answerFactor: Self.factor, cardArea: "990101", profile: profile)
        #expect(diagnosis.causes == [.form(card: "plain", used: "session")])
    }

    @Test func theOtherOrderOfChallenges() throws {
        #expect(
            try causes(Self.terms(order: .newestIsOriginal), recorded: Self.terms())
                == [.challengeOrder(card: "newestIsFactor", used: "newestIsOriginal")])
    }

    @Test func nothingDiffersSoTheCardDoes() throws {
        #expect(try causes(Self.terms(), recorded: Self.terms()) == [.cardChanged])
    }

    @Test func nothingIsKnown() throws {
        #expect(try causes(Self.terms(), recorded: nil) == [.neverProven])
    }

    @Test func everythingThatDiffersIsTold() throws {
        #expect(
            try causes(
                Self.terms(area: "990102", order: .newestIsOriginal, isDevelopment: false),
                recorded: Self.terms()
            ).count == 3)
    }
}
