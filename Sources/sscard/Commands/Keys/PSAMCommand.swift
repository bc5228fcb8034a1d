import ArgumentParser
import ByteText
import CardApplication
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import VirtualCard

/// `sscard keys psam`: the security modules of terminals.
struct PSAMCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "psam", abstract: "PSAM 卡 Make, look at and load the security modules of terminals.",
        discussion: "例 Example: sscard keys psam show --reader SAM",
        subcommands: [Make.self, Show.self, Load.self])

    struct Make: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "新建虚拟 PSAM Make a blank virtual PSAM.",
            discussion: "例 Example: sscard keys psam make --serial 990100000081 --state terminal.psam")

        @OptionGroup var site: SiteOptions
        @Option(help: "芯片序列号 The chip's serial number, 12 hexadecimal digits.") var serial: String
        @Option(help: "状态文件 State file to make.") var state: String
        @Option(help: "PSAM 配置 PSAM profile.") var profile = "psam"
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            let state: String
            let profile: String
            let answerToReset: String
        }

        func run() throws {
            guard let serialNumber = [UInt8](hexadecimal: serial) else { throw StateFileError.serialNumber }
            let profile = try site.library().psamProfile(named: profile)
            try VirtualPSAM.makeBlank(profile: profile, serialNumber: serialNumber, stateFile: state)
            let answer = (profile.answerToResetPrefix + serialNumber).hexadecimal
            if json {
                return try Terminal.say(json: Report(state: state, profile: profile.name, answerToReset: answer))
            }
            Terminal.say("空白 PSAM blank PSAM \(state)  ATR \(answer)")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "查看 PSAM Say what a PSAM is and which keys it holds; exit code 1 when it holds none.",
            discussion: "例 Example: sscard keys psam show --state terminal.psam")

        @OptionGroup var site: SiteOptions
        @OptionGroup var place: PSAMPlace
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            struct Key: Encodable {
                let name: String
                let algorithm: String
                let use: String
                let identifier: String
                let held: Bool
            }

            let answerToReset: String
            let version: Int
            let sm4: Bool
            let area: String?
            let terminalNumber: String?
            let keys: [Key]
        }

        func run() throws {
            let channel = try place.channel(site)
            let hierarchy = try site.hierarchy()
            let contents = try PSAMSlot.naming(place.name) {
                try PSAMContents(
                    channel, dialect: PSAMDialect(site.library().psamProfile(answering: channel.answerToReset)),
                    hierarchy: hierarchy)
            }
            let isNumbered = !contents.terminalNumber.allSatisfy { $0 == 0xFF }
            let number = isNumbered ? contents.terminalNumber.hexadecimal : nil
            if json {
                try Terminal.say(
                    json: Report(
                        answerToReset: channel.answerToReset.bytes.hexadecimal, version: Int(contents.version),
                        sm4: contents.knowsSM4, area: contents.area, terminalNumber: number,
                        keys: contents.keys.map { key in
                            Report.Key(
                                name: key.name.rawValue, algorithm: key.algorithm.description,
                                use: key.use.hexadecimal, identifier: key.identifier.hexadecimal, held: key.isHeld)
                        }))
            } else {
                say(contents, number: number)
            }
            if !contents.keys.contains(where: \.isHeld) { throw ExitVerdict(code: 1) }
        }

        private func say(_ contents: PSAMContents, number: String?) {
            Terminal.say(
                "版本 version \(contents.version)  SM4 \(contents.knowsSM4 ? "有 yes" : "无 no")  "
                    + "地区 area \(contents.area ?? "–")  终端机编号 terminal \(number ?? "–")")
            var table = Table("密钥 Key", "算法 Algorithm", "用途 Use", "标识 Id", "有无 Held")
            for key in contents.keys {
                table.add(
                    key.name.rawValue, key.algorithm.description, key.use.hexadecimal, key.identifier.hexadecimal,
                    key.isHeld ? "有 yes" : "无 no")
            }
            Terminal.say(table.text)
        }
    }

    struct Load: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "装载 PSAM Load the area's keys into a PSAM, each as a WRITE KEY cryptogram, and compare them.",
            discussion: """
                先换主控密钥，再逐个装载；中断后重新运行即可。
                The module's master key is replaced first; a load that was torn is finished by running it again.
                尝试次数按芯片记录，最后一次不使用。Its tries are counted by chip, and the last one is not spent.

                例 Example: sscard keys psam load --state terminal.psam --terminal 990100000081
                """)

        @OptionGroup var site: SiteOptions
        @OptionGroup var place: PSAMPlace
        @Option(help: "终端机编号 The terminal's number, 12 digits; left as it is when not given.") var terminal: String?
        @OptionGroup var officers: OfficerOptions
        @OptionGroup var lastTry: LastTryOptions
        @Flag(help: "续装别处中断的装载 Finish a load that another place began: the issuer's master key is presented.")
        var begunElsewhere = false
        @Flag(help: "改编号 Give a loaded PSAM that has another number this one.") var renumber = false
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            let area: String
            let version: Int
            let loaded: [String: [String]]
            let compared: Int
            let differing: [String]
        }

        private func terminalNumber() throws -> [UInt8]? {
            guard let terminal else { return nil }
            let isDecimal = terminal.utf8.allSatisfy { (0x30...0x39).contains($0) }
            guard isDecimal, let number = [UInt8](hexadecimal: terminal), number.count == 6 else {
                throw Faults("psam.terminal-number", ["number": terminal])
            }
            return number
        }

        func run() throws {
            let number = try terminalNumber()
            let site = try Site(site)
            let channel = try place.channel(site.options)
            defer { Terminal.endProgress() }
            let permission = try lastTry.permission(officers)
            let report = try PSAMSlot.naming(place.name) {
                let profile = try site.library.files.psamProfile(answering: channel.answerToReset)
                let keys = try site.storeKeys()
                let tries = try PSAMVisit(
                    of: channel.answerToReset, in: site.options.dataFolder() + "/tries", by: profile,
                    lastTry: permission)
                let loader = PSAMLoader(
                    channel, dialect: PSAMDialect(profile), keys: keys, area: site.policy.area, tries: tries,
                    wasBegunElsewhere: begunElsewhere)
                return try loader.load(terminalNumber: number, renumbers: renumber) { name, algorithm, at, count in
                    Terminal.progress("\(at)/\(count) \(name) \(algorithm)")
                }
            }
            Terminal.endProgress()
            let loaded = report.loaded.reduce(into: [String: [String]]()) { result, entry in
                result[entry.key.description] = entry.value.map(\.rawValue)
            }
            if json {
                try Terminal.say(
                    json: Report(
                        area: report.area, version: Int(report.version), loaded: loaded, compared: report.compared,
                        differing: report.differing.map(\.rawValue)))
            } else {
                let counts = loaded.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.count)" }
                Terminal.say(
                    "已装载 loaded \(counts.joined(separator: ", "))  地区 area \(report.area)  "
                        + "核对 compared \(report.compared)，不符 differing \(report.differing.count)")
            }
            if !report.differing.isEmpty { throw ExitVerdict(code: 1) }
        }
    }
}
