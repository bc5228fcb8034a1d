import ArgumentParser
import CardLayout

/// `sscard layout schema`: what `sscard card read --json` and `card dump --json` print for a layout, as a JSON schema.
struct LayoutSchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "JSON 模式 Print the JSON schema of a card's content as `card read --json` prints it.",
        discussion: "例 Example: sscard layout schema national-3.0 > national-3.0.schema.json")

    @OptionGroup var site: SiteOptions
    @Argument(help: "布局名 Layout.") var name: String

    func run() throws {
        try Terminal.say(json: ContentSchema(try site.library().layout(named: name)))
    }
}
