import ArgumentParser
import CardData
import Foundation
import IssuerKeys
import Lifecycle
import Registry

/// `sscard keys destroy`: a key store destroyed by two persons, after a wait in which it can be called off.
struct DestroyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy",
        abstract: "销毁密钥库 Destroy a key store: two persons, a waiting period, a warning of what depends on it.",
        discussion: """
            例 Examples:
              sscard keys destroy request --keys old --roster roster.json --custodian-key 1001.key --reason 轮换 --below city
              sscard keys destroy cancel --keys old --roster roster.json --custodian-key 1002.key
              sscard keys destroy execute --keys old --roster roster.json --custodian-key 1002.key --below city
            """,
        subcommands: [Request.self, Cancel.self, Execute.self, Status.self])

    /// What all the steps need.
    struct Parts: ParsableArguments {
        @OptionGroup var site: SiteOptions
        @Option(help: "名册 The roster of custodians.") var roster: String
        @OptionGroup var custodians: CustodianOptions

        var path: String { get throws(Faults) { try site.keyFolder() + "/" + KeyDestruction.fileName } }

        /// The custodian who acts, who must be in the roster.
        ///
        /// Throws `destruction.not-in-roster`.
        func custodian() throws(Faults) -> (key: CustodianKey, roster: CustodianRoster) {
            let roster = try CustodianRoster.read(roster)
            let key = try custodians.key()
            guard roster[key.custodian.number] == key.custodian else {
                throw Faults(
                    "destruction.not-in-roster",
                    ["number": String(key.custodian.number), "name": key.custodian.name])
            }
            return (key, roster)
        }
    }

    /// Where to look for what depends on the store.
    struct DependantOptions: ParsableArguments {
        @Option(help: "下级密钥库目录 Folders of stores that may have come down from this one; repeated.")
        var below: [String] = []
        @Flag(help: "不查登记库 Do not count the cards of the registry.") var withoutRegistry = false

        func dependants(_ options: SiteOptions) throws -> KeyDestruction.Dependants {
            let stores = try KeyDestruction.stores(below: options.keyFolder(), among: below)
            return KeyDestruction.Dependants(
                stores: stores, cards: withoutRegistry ? nil : try DestroyCommand.cardsInUse(options))
        }
    }

    /// Cards of the registry that have not ended; nil where there is no registry.
    static func cardsInUse(_ options: SiteOptions) throws -> Int? {
        guard FileManager.default.fileExists(atPath: try options.dataFolder() + "/registry.sqlite") else { return nil }
        let cards = try Site(options).registry().statistics().cards
        return cards.filter { $0.key != ShownState.ended.applicationStatus }.reduce(0) { $0 + $1.value }
    }

    static func read(_ path: String) throws(Faults) -> KeyDestruction {
        guard FileManager.default.fileExists(atPath: path) else { throw Faults("destruction.none", ["path": path]) }
        let bytes = try DurableFile.readBytes(path)
        do {
            return KeyDestruction(document: try JSONDecoder().decode(ApprovalDocument.self, from: Data(bytes)))
        } catch {
            throw Faults("destruction.malformed", ["path": path])
        }
    }

    static func text(_ destruction: KeyDestruction) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(destruction.document), as: UTF8.self) + "\n"
    }

    private struct Report: Encodable {
        let state: String
        let name: String
        let area: String
        let due: String
        let expires: String
        let dependentStores: [String]
        let cardsInUse: Int?
        let requester: String
        let reason: String
    }

    static func say(_ destruction: KeyDestruction, state: String, json: Bool) throws {
        let details = destruction.details
        let stores = details["stores", default: ""].split(separator: "\n").map(String.init)
        let report = Report(
            state: state, name: details["name", default: ""], area: details["area", default: ""],
            due: destruction.due.description, expires: destruction.expires.description, dependentStores: stores,
            cardsInUse: details["cards"].flatMap { Int($0) }, requester: destruction.document.requester,
            reason: details["reason", default: ""])
        if json { return try Terminal.say(json: report) }
        Terminal.say("\(report.name) · \(report.area) · \(report.reason) · 提出人 asked by \(report.requester)")
        Terminal.say("等待至 Waits until \(report.due)，有效至 holds until \(report.expires)")
        for store in stores { Terminal.say("  ⚠ 下级密钥库仍依赖它 A store below depends on it: \(store)") }
        if let cards = report.cardsInUse, cards > 0 {
            Terminal.say(
                "  ⚠ 登记库中有 \(cards) 张卡在用（登记库不记录是哪个密钥库制的卡） \(cards) cards of the registry are in use (it does not tell by which "
                    + "key store they were made)")
        }
        switch state {
        case "cancelled": Terminal.say("已撤回，密钥库未动。 Called off; the store was not touched.")
        case "executed": Terminal.say("已销毁。备份份额和密钥库副本也须销毁。 Destroyed. Destroy the backup's shares and all copies too.")
        default: Terminal.say("等待期内可以撤回。 It can be called off until then.")
        }
    }

    struct Request: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "提出销毁 Ask for a store to be destroyed after a wait of 3 to 180 days.",
            discussion:
                "例 Example: sscard keys destroy request --keys old --roster roster.json --custodian-key 1001.key --reason 轮换"
        )
        @OptionGroup var parts: Parts
        @OptionGroup var dependants: DependantOptions
        @Option(help: "理由 Why, 1 to 64 characters.") var reason: String
        @Option(help: "等待天数 Days to wait, 3 to 180.") var waitDays: UInt64 = 7
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let found = try dependants.dependants(parts.site)
            let destruction = try KeyDestruction.request(
                directory: parts.site.keyFolder(), reason: reason, days: waitDays, dependants: found,
                by: parts.custodian().key, time: .now)
            try DurableFile.create(DestroyCommand.text(destruction), at: parts.path)
            try DestroyCommand.say(destruction, state: "waiting", json: json)
        }
    }

    struct Cancel: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "撤回销毁 Call a destruction off.",
            discussion: "例 Example: sscard keys destroy cancel --keys old --roster roster.json --custodian-key 1002.key"
        )
        @OptionGroup var parts: Parts
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let destruction = try DestroyCommand.read(parts.path)
            _ = try parts.custodian()
            try DurableFile.create(
                DestroyCommand.text(destruction), at: parts.path + ".cancelled-" + RecordTime.now.description)
            try FileManager.default.removeItem(atPath: parts.path)
            try DestroyCommand.say(destruction, state: "cancelled", json: json)
        }
    }

    struct Execute: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "执行销毁 Destroy the store, by a second person and after the wait.",
            discussion:
                "例 Example: sscard keys destroy execute --keys old --roster roster.json --custodian-key 1002.key")
        @OptionGroup var parts: Parts
        @OptionGroup var dependants: DependantOptions
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            var destruction = try DestroyCommand.read(parts.path)
            let (key, roster) = try parts.custodian()
            try destruction.execute(
                directory: parts.site.keyFolder(), dependants: dependants.dependants(parts.site), by: key,
                roster: roster, time: .now)
            try DurableFile.replace(DestroyCommand.text(destruction), at: parts.path)
            try DestroyCommand.say(destruction, state: "executed", json: json)
        }
    }

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "待销毁 Show the destruction that is waiting, and what depends on the store.",
            discussion: "例 Example: sscard keys destroy status --keys old")
        @OptionGroup var site: SiteOptions
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let destruction = try DestroyCommand.read(site.keyFolder() + "/" + KeyDestruction.fileName)
            try DestroyCommand.say(destruction, state: "waiting", json: json)
        }
    }
}
