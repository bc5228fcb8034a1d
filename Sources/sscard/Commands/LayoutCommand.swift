import ArgumentParser
import ByteText
import CardData
import CardLayout
import IssuerKeys

/// `sscard layout`: the card layouts of this home.
struct LayoutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "layout", abstract: "卡片布局 List, show and check card layouts.",
        discussion: "例 Example: sscard layout lint",
        subcommands: [List.self, Show.self, Lint.self, LayoutManualCommand.self, LayoutSchemaCommand.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "列出布局 List layouts and profiles.", discussion: "例 Example: sscard layout list --json")
        @OptionGroup var site: SiteOptions
        @Flag(help: "输出 JSON.") var json = false

        private struct Row: Encodable {
            let name: String
            let specificationVersion: String
            let profile: String
            let title: String
            let englishTitle: String?
        }

        func run() throws {
            let library = try site.library()
            let rows = try library.layoutNames.map { name in
                let layout = try library.layout(named: name)
                return Row(
                    name: layout.name, specificationVersion: layout.specificationVersion,
                    profile: layout.profileName, title: layout.title, englishTitle: layout.englishTitle)
            }
            if json { return try Terminal.say(json: rows) }
            var table = Table("布局 Layout", "规范 Version", "配置 Profile", "名称 Title")
            for row in rows {
                let title = [row.title, row.englishTitle].compactMap(\.self).joined(separator: " · ")
                table.add(row.name, row.specificationVersion, row.profile, title)
            }
            Terminal.say(table.text)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "显示布局 Show every file and element with its access bytes.",
            discussion: "例 Example: sscard layout show national-2.0 --json")
        @OptionGroup var site: SiteOptions
        @Argument(help: "布局名 Layout.") var name: String
        @Flag(help: "输出 JSON.") var json = false

        func run() throws {
            let library = try site.library()
            let compiled = try library.compiledCard(named: name)
            let layout = compiled.layout
            if json { return try Terminal.say(json: CompiledCardReport(compiled)) }
            Terminal.say("\(layout.name)  \(layout.title)  \(compiled.profile.name)  \(compiled.space) bytes")
            for directory in compiled.directories {
                Terminal.say()
                let title = directory.directory?.title ?? ""
                Terminal.say("\(directory.name)  \(directory.identifier.hexadecimal)  \(title)")
                var table = Table("  文件 EF", "结构 Structure", "读 Read", "写 Write", "名称 Title")
                for compiledFile in directory.files {
                    guard let file = compiledFile.file else { continue }
                    table.add(
                        "  \(file.name)", "\(file.structure)", compiledFile.readByte.hexadecimal,
                        compiledFile.writeByte.hexadecimal, file.title)
                    for element in file.elements {
                        table.add(
                            "    \(element.tag?.hexadecimal ?? "··")", "\(element.length)",
                            element.tag.flatMap { compiledFile.recordReadBytes[$0]?.hexadecimal } ?? "", "",
                            "\(element.name) \(element.title)")
                    }
                }
                Terminal.say(table.text)
            }
        }
    }

    struct Lint: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "检查布局 Check layout files; every fault with file and line.",
            discussion: """
                例 Examples:
                  sscard layout lint CardLayouts/national-2.0.yaml
                  sscard layout lint --profile globalplatform CardLayouts/national-2.0.yaml
                """)
        @OptionGroup var site: SiteOptions
        @Option(help: "卡片配置 Judge the layouts on this profile instead of their own.") var profile: String?
        @Argument(help: "布局文件 Layout files; all of this home when none is named.") var paths: [String] = []
        @Flag(help: "输出 JSON.") var json = false

        private struct Report: Encodable {
            let files: [String]
            let faults: Int
            /// What a card with every file full costs, by layout.
            let costs: [String: Cost]
            /// What the profile leaves open, where it is a GlobalPlatform card's.
            let notices: [Notice]
        }

        private struct Notice: Encodable {
            let code: String
            let place: String?
            let zh: String
            let en: String

            init(_ fault: Fault) {
                let catalogue = MessageCatalogue.standard
                code = fault.code.rawValue
                place = fault.place.map { "\($0.file):\($0.line)" }
                zh = catalogue.text(for: fault, language: .chinese).what
                en = catalogue.text(for: fault, language: .english).what
            }
        }

        private struct Cost: Encodable {
            let commands: Int
            let bytes: Int
            let secondsAt9600: Double
        }

        func run() throws {
            let library = try site.library()
            let hierarchy = try KeyHierarchy.read(site.homeFolder() + "/Keys/hierarchy.yaml")
            let files = try paths.isEmpty ? library.layoutNames.map { library.folder + "/\($0).yaml" } : paths
            let tables = try library.codeTableNames
            let codes = try CodeLookup(folder: library.folder + "/tables")
            var faults = FaultCollector()
            var costs: [String: Cost] = [:]
            var notices: [Notice] = []
            for path in files {
                let root = try? DataFile.read(path)
                if let root, root["accessUnits"] != nil, root["specificationVersion"] == nil, root["extends"] == nil {
                    throw root.fault("layout.is-profile")
                }
                let found = faults.attempt { () throws(Faults) in
                    let layout = try LayoutReader.read(path)
                    let profile = try library.profile(named: profile ?? layout.profileName)
                    let cost = FullCard.cost(of: layout, profile: profile, codes: codes)
                    costs[layout.name] = cost.map {
                        Cost(commands: $0.commands, bytes: $0.bytes, secondsAt9600: $0.seconds)
                    }
                    let applications = ApplicationLint(
                        layout: layout, profile: profile, keyNames: hierarchy.names,
                        keySets: Set(hierarchy.securityDomains.map(\.name)))
                    notices += applications?.notices.map(Notice.init) ?? []
                    let others: Set<FaultCode> = self.profile == nil ? [] : ["layout.other-profile"]
                    return (applications?.check() ?? [])
                        + FullCard.orderFaults(of: layout, profile: profile, codes: codes)
                        + LayoutLint(
                            layout: layout, profile: profile, keyNames: hierarchy.names, codeTables: tables,
                            lineKeys: LineKeys(
                                all: hierarchy.names, macs: hierarchy.names(for: .commandMAC),
                                enciphering: hierarchy.names(for: .commandEncipherment)),
                            base: try LayoutReader.readBase(of: layout), measured: applications == nil ? cost : nil
                        ).check().filter { !others.contains($0.code) }
                }
                found?.forEach { faults.add($0) }
            }
            try faults.check()
            if json { return try Terminal.say(json: Report(files: files, faults: 0, costs: costs, notices: notices)) }
            for (name, cost) in costs.sorted(by: { $0.key < $1.key }) {
                let seconds = Int(cost.secondsAt9600.rounded(.up))
                Terminal.say(
                    "\(name)  写满 full card: \(cost.commands) 条指令 commands  \(cost.bytes) bytes  \(seconds) s (9600)")
            }
            for notice in notices {
                Terminal.say("\(notice.place ?? "")  [\(notice.code)] \(notice.zh)\n    \(notice.en)")
            }
            Terminal.say("\(files.count) 个布局，无错误 layouts without a fault")
        }
    }
}
