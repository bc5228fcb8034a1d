import ArgumentParser
import CardData
import CounterService
import SecretEntry

/// `sscardd operator`: who may use the counter service.
struct OperatorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator",
        abstract: "操作员 Add operators, set passwords, take off duty; also while the service runs.",
        discussion: "例 Example: sscardd operator list --config counter.yaml",
        subcommands: [Add.self, RoleChange.self, Password.self, RemoveCard.self, Remove.self, List.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "增加操作员 Add an operator; the password is typed unseen, or read from fd:N.",
            discussion: """
                例 Example: sscardd operator add --config counter.yaml --number 1001 --name 张一 --role teller

                岗位 Roles: teller, supervisor, stock-keeper, personalizer, administrator.
                """)
        @OptionGroup var options: ConfigurationOptions
        @Option(help: "编号 The person's number.") var number: UInt64
        @Option(help: "姓名 The person's name.") var name: String
        @Option(help: "岗位，可重复 A role; repeated for several.") var role: [String] = []
        @Option(help: "密码来源 Where the password comes from: ask, fd:N.") var password: SecretSource = .ask

        func run() throws {
            let register = OperatorRegister(dataFolder: try options.load().dataFolder)
            try register.add(
                Operator(number: number, name: name, roles: OperatorCommand.roles(role)),
                password: password.newPassword(of: number))
            Screen.say("已增加 added: \(number) \(name)")
        }
    }

    struct RoleChange: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "role",
            abstract: "改岗位 Give an operator other roles; open sessions end with their next request.",
            discussion: """
                例 Example: sscardd operator role --config counter.yaml --number 1001 --role teller --role personalizer

                列出的即全部岗位。What is named are all the roles. teller, supervisor, stock-keeper, personalizer, administrator.
                """)
        @OptionGroup var options: ConfigurationOptions
        @Option(help: "编号 The person's number.") var number: UInt64
        @Option(help: "岗位，可重复 A role; repeated for several.") var role: [String] = []

        func run() throws {
            let register = OperatorRegister(dataFolder: try options.load().dataFolder)
            try register.setRoles(of: number, try OperatorCommand.roles(role))
            Screen.say("已改岗位 roles changed: \(number) \(role.joined(separator: " "))")
        }
    }

    /// The roles of some words; throws `operator.unknown-role` for each that is none.
    private static func roles(_ words: [String]) throws(Faults) -> Set<OperatorRole> {
        var faults = FaultCollector()
        var roles: Set<OperatorRole> = []
        for word in words {
            guard let found = OperatorRole(rawValue: word) else {
                let known = OperatorRole.allCases.map(\.rawValue).joined(separator: ", ")
                faults.add("operator.unknown-role", ["role": word, "known": known])
                continue
            }
            roles.insert(found)
        }
        try faults.check()
        return roles
    }

    struct Password: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "改密码 Give an operator a new password.",
            discussion: "例 Example: sscardd operator password --config counter.yaml --number 1001")
        @OptionGroup var options: ConfigurationOptions
        @Option(help: "编号 The person's number.") var number: UInt64
        @Option(help: "密码来源 Where the password comes from: ask, fd:N.") var password: SecretSource = .ask

        func run() throws {
            let register = OperatorRegister(dataFolder: try options.load().dataFolder)
            try register.setPassword(of: number, password.newPassword(of: number))
            Screen.say("已改密码 password changed: \(number)")
        }
    }

    struct RemoveCard: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove-card",
            abstract:
                "取消操作员的卡 Let an operator log in without their card, which was lost; cards are given in the browser.",
            discussion: "例 Example: sscardd operator remove-card --config counter.yaml --number 1001")
        @OptionGroup var options: ConfigurationOptions
        @Option(help: "编号 The person's number.") var number: UInt64

        func run() throws {
            try OperatorRegister(dataFolder: options.load().dataFolder).setCard(of: number, nil, by: nil)
            Screen.say("已取消卡 card taken away: \(number)")
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "下岗 Take an operator off duty; open sessions end with their next request.",
            discussion: "例 Example: sscardd operator remove --config counter.yaml --number 1001")
        @OptionGroup var options: ConfigurationOptions
        @Option(help: "编号 The person's number.") var number: UInt64

        func run() throws {
            try OperatorRegister(dataFolder: try options.load().dataFolder).remove(number)
            Screen.say("已下岗 off duty: \(number)")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "列出操作员 Who they are and what they may be.",
            discussion: "例 Example: sscardd operator list --config counter.yaml --json")
        @OptionGroup var options: ConfigurationOptions
        @Flag(help: "输出 JSON.") var json = false

        private struct Row: Encodable {
            let number: UInt64
            let name: String
            let roles: [String]
            let card: Bool
        }

        func run() throws {
            let people = try OperatorRegister(dataFolder: try options.load().dataFolder).all()
            let rows = people.map { person in
                Row(
                    number: person.number, name: person.name,
                    roles: OperatorRole.allCases.filter(person.roles.contains).map(\.rawValue),
                    card: person.card != nil)
            }
            if json { return try Screen.say(json: rows) }
            for row in rows {
                let roles = row.roles.isEmpty ? "已下岗 off duty" : row.roles.joined(separator: " ")
                Screen.say("\(row.number)\t\(row.name)\t\(roles)\(row.card ? "\t凭卡 with a card" : "")")
            }
        }
    }
}
