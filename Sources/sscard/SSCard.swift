import ArgumentParser

@main
struct SSCard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sscard", abstract: "社会保障卡 social security card system")
}
