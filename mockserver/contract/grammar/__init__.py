"""The legal order of a stream as tables: state x event -> state."""
