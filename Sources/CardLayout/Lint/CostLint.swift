import CardData

/// Compares what making a full card was measured to cost with what the layout allows.
struct CostLint {
    let layout: CardLayout
    let measured: CardCost

    func check(_ faults: inout FaultCollector) {
        guard let budget = layout.budget else { return }
        let most = budget.most
        // Seconds come from a model of the card; a part of one says nothing.
        let seconds = Int(measured.seconds.rounded(.up))
        for (what, whatZh, found, allowed) in [
            ("commands", "指令数", measured.commands, most.commands), ("bytes", "字节数", measured.bytes, most.bytes),
            ("seconds at 9600 baud", "9600 波特下的秒数", seconds, Int(most.seconds)),
        ] where found > allowed {
            faults.add(
                "layout.over-budget",
                ["what": what, "whatZh": whatZh, "found": String(found), "most": String(allowed)], at: budget.place)
        }
    }
}
