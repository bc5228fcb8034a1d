import ArgumentParser

@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sscard-bench", abstract: "Measures beside their C baselines")
}
