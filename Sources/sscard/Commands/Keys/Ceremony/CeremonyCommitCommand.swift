import ArgumentParser
import CardCryptography
import CardData
import IssuerKeys
import SecretEntry

extension CeremonyCommand {
    /// One custodian, alone at the terminal.
    struct Commit: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "提交分量 Commit to a component: typed unseen, or drawn at random and known to nobody.",
            discussion: """
                例 Examples:
                  sscard keys ceremony commit --state c.json --custodian-key 1001.key
                  sscard keys ceremony commit --state c.json --custodian-key 1002.key --component ask --kcv 2677F4
                """)
        @Option(help: "状态文件 The ceremony's state file.") var state: String
        @OptionGroup var custodians: CustodianOptions
        @Option(help: "分量来源 generate, ask (typed twice unseen) or fd:N (two lines; with --kcv one).")
        var component = ComponentSource.generate
        @Option(help: "分量校验值 The component's check value of 6 digits, in place of the second entry.") var kcv: String?
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            var ceremony = try KeyCeremony.read(state)
            let key = try custodians.key()
            let component = try component.component(ceremony.record.opening.algorithm, checkValue: kcv)
            let source: CeremonyRecord.Source = self.component.isGenerated ? .generated : .typed
            try ceremony.commit(component, source, by: key, time: .now)
            try DurableFile.replace(ceremony.stateText, at: state)
            try CeremonyCommand.say(ceremony.record, json: json)
        }
    }

    /// Where a component comes from.
    enum ComponentSource: ExpressibleByArgument {
        case generate
        case entered(SecretSource)

        init?(argument: String) {
            if argument == "generate" {
                self = .generate
            } else if let source = SecretSource(argument: argument) {
                self = .entered(source)
            } else {
                return nil
            }
        }

        var isGenerated: Bool {
            if case .generate = self { true } else { false }
        }

        /// The component; a typed one is compared with a second entry, or with its check value.
        ///
        /// Throws `component.entries-differ`, `component.check-value` and what ``KeyComponent`` throws.
        func component(_ algorithm: CardAlgorithm, checkValue: String?) throws(Faults) -> KeyComponent {
            let component: KeyComponent
            switch self {
            case .generate: component = try .random(algorithm)
            case .entered(let source):
                let first = try source.line("分量 Component, 32 digits: ")
                component = try first.withSpan { span throws(Faults) in try .read(span, algorithm) }
                if checkValue == nil {
                    let second = try source.line("请再输入一次 Again: ")
                    guard first.isEqual(to: second) else { throw Faults("component.entries-differ") }
                }
            }
            if let checkValue {
                let found = try component.checkValue()
                guard KeyCheckValue("enc-zero:" + checkValue) == found else {
                    throw Faults("component.check-value", ["found": found.description, "expected": checkValue])
                }
            }
            return component
        }
    }
}
