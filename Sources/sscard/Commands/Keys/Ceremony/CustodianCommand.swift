import ArgumentParser
import CardCryptography
import CardData
import IssuerKeys
import SecretEntry

/// `sscard keys custodian`: the people who keep the keys, and the keys they sign with.
struct CustodianCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "custodian", abstract: "密钥保管人 Custodians: their own keys, and the roster of all.",
        discussion: "例 Example: sscard keys custodian new --number 1001 --name 张一 --out 1001.key",
        subcommands: [New.self, Roster.self, Show.self])

    /// What is told of a custodian.
    struct Row: Encodable {
        let number: UInt64
        let name: String
        let fingerprint: String

        init(_ custodian: Custodian) throws {
            number = custodian.number
            name = custodian.name
            fingerprint = try custodian.fingerprint
        }
    }

    static func say(_ custodians: [Custodian], json: Bool) throws {
        let rows = try custodians.map(Row.init)
        if json { return try Terminal.say(json: rows) }
        var table = Table("编号 Number", "姓名 Name", "公钥指纹 Fingerprint")
        for row in rows { table.add(String(row.number), row.name, row.fingerprint) }
        Terminal.say(table.text)
    }

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "新建保管人密钥 Make a custodian's SM2 key, sealed under a passphrase of their own.",
            discussion: "例 Example: sscard keys custodian new --number 1001 --name 张一 --out 1001.key")
        @Option(help: "编号 The custodian's number.") var number: UInt64
        @Option(help: "姓名 The custodian's name.") var name: String
        @Option(help: "密钥文件 File to make; one that is there is never overwritten.") var out: String
        @Option(help: "口令来源 Where the passphrase comes from: ask or fd:N.") var passphrase = SecretSource.ask
        @Option(help: "封装方式 aes-256-gcm or sm4-ctr-hmac-sm3.") var seal = SealName.standard
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let key = try CustodianKey.make(number: number, name: name)
            let secret = try passphrase.newPassphrase(of: name)
            try DurableFile.create(key.fileText(passphrase: secret, seal: seal.seal), at: out)
            try CustodianCommand.say([key.custodian], json: json)
        }
    }

    struct Roster: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "编制名册 Write the roster: numbers, names and public keys, no secret.",
            discussion: "例 Example: sscard keys custodian roster 1001.key 1002.key 1003.key --out roster.json")
        @Argument(help: "保管人密钥文件 Key files of the custodians.") var files: [String]
        @Option(help: "名册文件 File to make.") var out: String
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let roster = try CustodianRoster(files.map { try CustodianKey.custodian(inFile: $0) })
            try DurableFile.create(roster.fileText, at: out)
            try CustodianCommand.say(roster.custodians, json: json)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "显示名册 Show the roster, to compare fingerprints.",
            discussion: "例 Example: sscard keys custodian show roster.json")
        @Argument(help: "名册文件 The roster.") var roster: String
        @Flag(help: "输出 JSON.") var json = false

        func run() throws { try CustodianCommand.say(CustodianRoster.read(roster).custodians, json: json) }
    }
}
