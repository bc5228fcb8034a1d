import ArgumentParser
import CardData
import CounterService
import Foundation
import Issuing
import Lifecycle
import Registry
import SmartCardReader

/// `sscardd check`: whether a counter could open its windows now, and what is missing.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "自检 Configuration, policy, operators, registry, disk, clock, keys, readers; exit code 1 when something is missing.",
        discussion: """
            例 Example: sscardd check --config counter.yaml --json

            服务运行时向它询问登记和密钥，其余照查。While the service runs it is asked about registry and keys; all else is looked at.
            """)
    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var passphrases: PassphraseOptions
    @Flag(help: "快查：不逐条核验日志 Open the registry without proving its whole log, which takes minutes where it is long.")
    var quick = false
    @Flag(help: "输出 JSON.") var json = false

    struct Finding: Encodable {
        let subject: String
        let good: Bool
        /// Good enough to open the windows, and to be looked into all the same.
        var isDoubtful = false
        let what: String
        let next: String
        let code: String?
    }

    func run() throws {
        // Without a configuration nothing else can be looked at.
        let configuration = try options.load()
        let running = RunningCounter.find(in: configuration.dataFolder)
        var findings: [Finding] = [good("configuration", "配置文件 \(options.path)")]
        findings.append(contentsOf: policy(configuration))
        findings.append(contentsOf: operators(configuration))
        findings.append(contentsOf: registry(configuration, running))
        findings.append(contentsOf: issues(configuration))
        findings.append(disk(configuration))
        findings.append(contentsOf: files(configuration))
        findings.append(contentsOf: keys(configuration, running))
        findings.append(contentsOf: certificates(configuration))
        findings.append(contentsOf: readers(running))
        if json {
            try Screen.say(json: findings)
        } else {
            for finding in findings {
                Screen.say(
                    "\(finding.isDoubtful ? "⚠" : finding.good ? "✔" : "✘") \(finding.subject): \(finding.what) \(finding.next)"
                )
            }
        }
        if findings.contains(where: { !$0.good }) { throw Verdict(code: 1) }
    }

    private func good(_ subject: String, _ what: String) -> Finding {
        Finding(subject: subject, good: true, what: what, next: "", code: nil)
    }

    private func bad(_ subject: String, _ faults: [Fault]) -> [Finding] {
        faults.map { fault in
            let chinese = MessageCatalogue.standard.text(for: fault, language: .chinese)
            let english = MessageCatalogue.standard.text(for: fault, language: .english)
            let place = fault.place.map { "\($0): " } ?? ""
            return Finding(
                subject: subject, good: false, what: "\(place)\(chinese.what) \(english.what)",
                next: "\(chinese.next) \(english.next)", code: fault.code.rawValue)
        }
    }

    private func attempt(_ subject: String, _ body: () throws -> [Finding]) -> [Finding] {
        do {
            return try body()
        } catch {
            return bad(
                subject,
                (error as? any FaultReporting)?.faults ?? [Fault("counter.unexpected", ["error": "\(type(of: error))"])]
            )
        }
    }

    private func policy(_ configuration: CounterConfiguration) -> [Finding] {
        attempt("policy") {
            let policy = try configuration.policy()
            return [good("policy", "\(policy.version) (\(policy.mode.rawValue))")]
        }
    }

    private func operators(_ configuration: CounterConfiguration) -> [Finding] {
        attempt("operators") {
            let people = try OperatorRegister(dataFolder: configuration.dataFolder).all().filter { !$0.roles.isEmpty }
            guard !people.isEmpty else { throw Faults("counter.no-operator") }
            let hasSecond = people.contains { $0.roles.contains(.supervisor) } && people.count > 1
            guard hasSecond else { throw Faults("counter.no-second-operator") }
            return [good("operators", "\(people.count)")]
        }
    }

    /// The registry opens, and its whole log proves itself; the clock is not behind the latest time in it.
    ///
    /// A service that runs has it open, and tells how it is.
    private func registry(_ configuration: CounterConfiguration, _ running: RunningCounter?) -> [Finding] {
        if let running {
            let isBack = running.clock == "back"
            return [good("registry", "服务运行中 the service runs: \(running.head) 条事件 events")]
                + (running.pages == nil ? [] : [pages(running)]) + night(configuration, running)
                + (isBack ? bad("clock", [Fault("counter.clock-back")]) : [Self.clock])
        }
        guard FileManager.default.fileExists(atPath: configuration.dataFolder + "/registry.sqlite") else {
            return [good("registry", "尚未建立，首次启动时建立 not there yet; the first start makes it")]
        }
        return attempt("registry") {
            let clocks = CounterClocks.machine
            let registry = try configuration.registry(clocks)
            let numbers = try registry.deskNumbers(of: 0)
            var findings: [Finding]
            if quick {
                findings = [good("registry", "\(numbers.head) 条事件，未逐条核验 events, not proved one by one")]
            } else {
                let report = try registry.verify()
                let problem = report.problem.map { "\($0)" } ?? ""
                guard report.isGood else { throw Faults("counter.registry-damaged", ["problem": problem]) }
                findings = [good("registry", "\(report.events) 条事件 events, \(report.signatures) 个签名 signatures")]
            }
            findings += night(configuration, nil)
            findings += attempt("clock") {
                guard clocks.wall() >= numbers.latestTime else { throw Faults("counter.clock-back") }
                return [Self.clock]
            }
            return findings
        }
    }

    /// Whether the service has looked at every page of its file since its start; one that finds a broken one ends.
    private func pages(_ running: RunningCounter) -> Finding {
        guard running.pages == PageStanding.good.rawValue else {
            return Finding(
                subject: "pages", good: true, isDoubtful: true,
                what: "服务启动后还在逐页检查登记库 the service still looks through its file", next: "", code: nil)
        }
        return good("pages", "登记库文件逐页检查无误 every page of the registry's file was looked at")
    }

    /// When each night the service proves its registry, and what the last one found; doubtful where it never does.
    private func night(_ configuration: CounterConfiguration, _ running: RunningCounter?) -> [Finding] {
        if running?.verification == "bad" { return bad("verification", [Fault("counter.night-bad")]) }
        if running?.verification == "unfinished" { return bad("verification", [Fault("counter.night-unfinished")]) }
        guard let time = configuration.verifiesAt else {
            return [
                Finding(
                    subject: "verification", good: true, isDoubtful: true,
                    what: "夜间核验已关闭 the nightly verification is turned off", next: "", code: nil)
            ]
        }
        let found = running?.verification == "good" ? "，上次无误 the last one found all in order" : ""
        return [good("verification", "夜间核验时间 each night at \(time.text)\(found)")]
    }

    /// The time, and how far it may be off; doubtful where nobody knows that.
    private static var clock: Finding {
        let error = KernelClock.errorMilliseconds.map { "误差至多 off by at most \($0) ms" }
        let told = error ?? "没有与时间源同步，请管理员校时 kept to no source of time; have it kept to one"
        return Finding(
            subject: "clock", good: true, isDoubtful: error == nil, what: "\(Date().ISO8601Format())  \(told)",
            next: "",
            code: nil)
    }

    /// Every file of an issue can be read.
    private func issues(_ configuration: CounterConfiguration) -> [Finding] {
        attempt("issues") {
            let listing = try IssueListing.unfinished(in: configuration.dataFolder + "/issue")
            guard listing.damaged.isEmpty else { return bad("issues", listing.faults) }
            return [good("issues", "\(listing.issues.count) 笔未办结 open")]
        }
    }

    private func disk(_ configuration: CounterConfiguration) -> Finding {
        let folder =
            FileManager.default.fileExists(atPath: configuration.dataFolder)
            ? configuration.dataFolder
            : URL(filePath: configuration.dataFolder).deletingLastPathComponent().path
        if let fault = Disk.unwritableFault(at: folder), let finding = bad("disk", [fault]).first { return finding }
        let free = Disk.freeBytes(at: folder) ?? 0
        return Disk.lowFault(free).flatMap { bad("disk", [$0]).first } ?? good("disk", "\(free >> 20) MiB")
    }

    private func files(_ configuration: CounterConfiguration) -> [Finding] {
        attempt("files") {
            let home = try configuration.home()
            _ = try CardLibrary(home: home)
            guard FileManager.default.fileExists(atPath: home + "/Keys/hierarchy.yaml") else {
                throw Faults("counter.no-hierarchy", ["path": home + "/Keys/hierarchy.yaml"])
            }
            return [good("files", home)]
        }
    }

    /// The configured keys open, a gateway answers, and they are none that may not be used here.
    private static let leastCertificateDays = 14

    private func keys(_ configuration: CounterConfiguration, _ running: RunningCounter?) -> [Finding] {
        guard let keys = configuration.keys else { return [] }
        // The key log is one process's, and the service has it.
        if running?.keys == "closed" { return bad("keys", [Fault("key-log.closed")]) }
        if running?.keys == "open" { return [good("keys", "\(keys.place.description) 服务使用中 in use by the service")] }
        return attempt("keys") {
            let policy = try configuration.policy()
            var end: String?
            try configuration.openKeys(passphrases, policy, CounterClocks.machine, greeted: { end = $0 })?.close()
            return [good("keys", keys.place.description)] + certificate(endingAt: end)
        }
    }

    /// The certificates that browsers are shown, the own one with its key, are good, and good for a while yet.
    private func certificates(_ configuration: CounterConfiguration) -> [Finding] {
        let now = Int64(Date().timeIntervalSince1970)
        let own = attempt("tls") { try shown(configuration.ownCertificate(at: now), "tls", now) }
        return own
            + attempt("terminator") { try shown(configuration.terminatorCertificate(at: now), "terminator", now) }
    }

    private func shown(_ certificate: ShownCertificate?, _ subject: String, _ now: Int64) throws -> [Finding] {
        guard let certificate else { return [] }
        let days = certificate.daysLeft(at: now)
        guard days >= Self.leastCertificateDays else {
            throw Faults(
                "transport.ends-soon",
                [
                    "path": certificate.file, "end": certificate.endDay, "days": String(days),
                    "least": String(Self.leastCertificateDays),
                ])
        }
        return [
            good(
                subject,
                "证书有效期至 the certificate ends \(certificate.endDay) UTC，还有 \(days) 天 days; \(certificate.file)")
        ]
    }

    /// The certificate of the gateway is good for a while yet; nothing where there is none.
    private func certificate(endingAt end: String?) -> [Finding] {
        guard let end else { return [] }
        return attempt("certificate") {
            let soon = Date(timeIntervalSinceNow: Double(Self.leastCertificateDays) * 86_400).ISO8601Format()
            let limit = soon.filter(\.isNumber)
            guard end >= limit else {
                throw Faults(
                    "counter.certificate-ends",
                    ["end": String(end.prefix(8)), "least": String(Self.leastCertificateDays)])
            }
            return [good("certificate", "前置机证书有效期至 the gateway's certificate ends \(end.prefix(8)) UTC")]
        }
    }

    /// pcscd runs, polkit lets this user in and at cards, and a reader is there.
    ///
    /// Slots with cards in them are left to a service that runs: it may have one in hand for a minute.
    private func readers(_ running: RunningCounter?) -> [Finding] {
        attempt("readers") {
            let readers = try ReaderList.current()
            guard !readers.isEmpty else { throw ReaderError.noReader }
            if let free = readers.first(where: { !$0.isCardPresent }) ?? (running == nil ? readers.first : nil) {
                try hold(free.name)
            }
            return [good("readers", readers.map(\.name.rawValue).joined(separator: ", "))]
        }
    }

    private func hold(_ reader: ReaderName) throws {
        do {
            try ReaderList.tryHolding(reader)
        } catch {
            guard case .accessRefused = error else { throw error }
            throw Faults("reader.cards-refused", ["reader": reader.rawValue])
        }
    }
}
