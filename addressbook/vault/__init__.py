"""個人番号 vault (番号法12条): the number is sealed here and nowhere else. The only door is `manager`."""
