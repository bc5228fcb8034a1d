import CardData

/// Reads `budget: {commands: 520, bytes: 30000, seconds: 60}` of a layout; all three are decimal.
enum BudgetReader {
    static func read(_ node: YAMLNode?, into reading: inout NodeReading) -> LayoutBudget? {
        guard let node else { return nil }
        reading.refuseUnknownKeys(of: node, allowed: ["commands", "bytes", "seconds"])
        let commands = reading.integer(node, "commands", in: 1...1_000_000)
        let bytes = reading.integer(node, "bytes", in: 1...100_000_000)
        let seconds = reading.integer(node, "seconds", in: 1...86_400)
        guard let commands, let bytes, let seconds else { return nil }
        return LayoutBudget(
            most: CardCost(commands: commands, bytes: bytes, seconds: Double(seconds)), place: node.place)
    }
}
