"""Compares the contract of the `openai` dialect with the type definitions of the official packages.

A tool for contributors, see docs/updating-the-contract.md; it is no part of the installed package."""
