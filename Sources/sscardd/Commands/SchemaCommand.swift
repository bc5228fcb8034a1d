import ArgumentParser
import CounterService

/// `sscardd schema`: the JSON Schema of the configuration file.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "配置文件的 JSON Schema The configuration file's schema, for editors.",
        discussion: "例 Example: sscardd schema > counter.schema.json")

    func run() throws { Screen.say(try CounterConfiguration.schema) }
}
