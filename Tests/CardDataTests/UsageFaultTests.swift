import Testing

@testable import CardData

/// The sentences are those of swift-argument-parser 1.8 (`UsageGenerator.swift`).
@Suite struct UsageFaultTests {
    private func fault(_ sentence: String, usage: String = "Usage: sscard card read <options>") -> Fault {
        let told = UsageFault(sentence, in: "Error: \(sentence)\n\(usage)")
        #expect(told.usage == usage)
        return told.faults[0]
    }

    @Test func everySentenceOfTheParserHasACode() {
        let cases = [
            ("Unknown option '--nonsense'", "usage.unknown-option", "--nonsense"),
            ("Unexpected argument 'extra'", "usage.unexpected-argument", "extra"),
            ("2 unexpected arguments: 'extra', 'more'", "usage.unexpected-argument", "extra"),
            ("Missing value for '--card <card>'", "usage.missing-value", "--card <card>"),
            ("Missing expected argument '<file>'", "usage.missing-argument", "<file>"),
            ("Missing one of: '--a', '--b'", "usage.missing-argument", "--a / --b"),
            (
                "The option '--json' does not take any value, but '1' was specified.", "usage.takes-no-value",
                "--json"
            ),
            ("The value 'many' is invalid for '--limit <limit>'", "usage.wrong-value", "--limit <limit>"),
        ]
        for (sentence, code, named) in cases {
            let fault = fault(sentence)
            #expect(fault.code.rawValue == code, "\(sentence)")
            #expect(fault.parameters.values.contains(named), "\(sentence): \(fault.parameters)")
        }
    }

    @Test func aWordWhereACommandBelongsIsNoCommand() {
        let fault = fault("Unexpected argument 'nonsense'", usage: "Usage: sscard card <subcommand>")
        #expect(fault == Fault("usage.unknown-command", ["word": "nonsense"]))
    }

    @Test func anOptionBehindAWordThatIsNoCommandIsNotWhatIsWrong() {
        let message = "Error: Unknown option '--card'\nUsage: sscard lifecycle <subcommand>"
        func told(_ arguments: [String]) -> Fault {
            UsageFault("Unknown option '--card'", in: message, arguments: arguments).faults[0]
        }
        #expect(told(["lifecycle", "show", "--card", "D00000005"]) == Fault("usage.unknown-command", ["word": "show"]))
        #expect(told(["lifecycle", "--card", "D00000005"]).code == "usage.unknown-option")
        #expect(told(["other", "show", "--card"]).code == "usage.unknown-option")
    }

    @Test func whatIsLikeTheUnknownOptionIsOffered() {
        let text = MessageCatalogue.standard.text(
            for: fault("Unknown option '--readr'. Did you mean '--reader'?"), language: .english)
        #expect(text.what.contains("--readr;"))
        #expect(text.next.hasPrefix("Did you mean --reader? "))
    }

    @Test(arguments: [
        (
            "The value 'x' is invalid for '--purpose <purpose>': card-making, authentication",
            "card-making, authentication"
        ),
        (
            "The value 'x' is invalid for '--service <service>'. Please provide one of 'reset' and 'unblock'.",
            "reset, unblock"
        ),
        (
            "The value 'x' is invalid for '--only <only>'. Please provide one of the following:\n  - one\n  - two",
            "one, two"
        ),
    ]) func theValuesThatThereAreAreListed(sentence: String, known: String) {
        let fault = fault(sentence)
        #expect(fault.parameters["hint"] == "There are: \(known). ")
        #expect(fault.parameters["hintZh"] == "可用：\(known)。")
    }

    /// A PIN or a person's number in the wrong place is on the screen once already.
    @Test(arguments: [
        "The value '739146' is invalid for '--pin <pin>'", "The value '73'91'46' is invalid for '--pin <pin>'",
        "Unexpected argument '739146'", "Unexpected argument '990102199001010015'",
    ]) func noValueIsRepeated(sentence: String) {
        let fault = fault(sentence)
        for language in MessageLanguage.allCases {
            let text = MessageCatalogue.standard.text(for: fault, language: language)
            #expect(!(text.what + text.next).contains(/[0-9]{2}/), "\(text)")
        }
    }

    @Test func aCheckOfOurOwnSpeaksBothLanguages() {
        let fault = fault("只能用一个 · one, not both")
        let (chinese, english) = (
            MessageCatalogue.standard.text(for: fault, language: .chinese),
            MessageCatalogue.standard.text(for: fault, language: .english)
        )
        #expect(chinese.what.contains("只能用一个；") && !chinese.what.contains("both"))
        #expect(english.what.contains("one, not both.") && !english.what.contains("只"))
    }
}
