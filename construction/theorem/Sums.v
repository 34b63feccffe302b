(** Finite sums of rationals, and averaging hard attention. *)
From Coq Require Import List QArith ZArith Bool Lia Lqa Permutation.
Import ListNotations.
Open Scope Q_scope.

Definition sum {X} (f : X -> Q) (l : list X) : Q := fold_right (fun x s => f x + s) 0 l.
Definition size {X} (l : list X) : Q := inject_Z (Z.of_nat (length l)).
(** 1 where it is true, 0 where not. *)
Definition one_if (b : bool) : Z := if b then 1%Z else 0%Z.
Notation ind b := (inject_Z (one_if b)).

(** ** Averaging hard attention: the mean of the values at the positions with the largest score.

    The limit of softmax as the inverse temperature grows; construction/certificate/rational.py computes the same. *)
Fixpoint largest {X} (f : X -> Q) (l : list X) : Q :=
  match l with
  | [] => 0
  | [x] => f x
  | x :: rest => let m := largest f rest in if Qlt_le_dec (f x) m then m else f x
  end.
Definition attended {X} (score : X -> Q) (l : list X) : list X :=
  filter (fun x => if Qeq_dec (score x) (largest score l) then true else false) l.
Definition hard {X} (score value : X -> Q) (l : list X) : Q :=
  sum value (attended score l) / size (attended score l).

(** ** Lists. The standard library's names for these differ from version to version. *)
Lemma length_of_map {X Y} (f : X -> Y) l : length (map f l) = length l.
Proof. induction l; cbn; congruence. Qed.
Lemma length_of_seq n : forall s, length (seq s n) = n.
Proof. induction n; cbn; congruence. Qed.
Lemma length_of_app {X} (l m : list X) : length (l ++ m) = (length l + length m)%nat.
Proof. induction l; cbn; congruence. Qed.
Lemma length_of_repeat {X} (x : X) n : length (repeat x n) = n.
Proof. induction n; cbn; congruence. Qed.
Lemma length_of_combine {X Y} (l : list X) : forall m : list Y, length (combine l m) = Nat.min (length l) (length m).
Proof. induction l as [|x l IH]; intros [|y m]; cbn; congruence. Qed.
Lemma length_of_rev {X} (l : list X) : length (rev l) = length l.
Proof. induction l as [|x l IH]; cbn; [reflexivity|]. rewrite length_of_app, IH. cbn. lia. Qed.

Lemma sum_ext {X} (f g : X -> Q) l : (forall x, In x l -> f x == g x) -> sum f l == sum g l.
Proof.
  induction l as [|a l IH]; intros H; simpl; [reflexivity|].
  rewrite (H a) by now left. rewrite IH; [reflexivity|]. intros x Hx; apply H; now right.
Qed.

Lemma sum_app {X} (f : X -> Q) l m : sum f (l ++ m) == sum f l + sum f m.
Proof. induction l as [|a l IH]; simpl; [lra | rewrite IH; lra]. Qed.

Lemma sum_map {X Y} (f : Y -> Q) (g : X -> Y) l : sum f (map g l) == sum (fun x => f (g x)) l.
Proof. induction l as [|a l IH]; simpl; [reflexivity | rewrite IH; reflexivity]. Qed.

Lemma sum_flat_map {X Y} (f : Y -> Q) (g : X -> list Y) l : sum f (flat_map g l) == sum (fun x => sum f (g x)) l.
Proof. induction l as [|a l IH]; simpl; [reflexivity | rewrite sum_app, IH; reflexivity]. Qed.

Lemma sum_zero {X} (f : X -> Q) l : (forall x, In x l -> f x == 0) -> sum f l == 0.
Proof.
  induction l as [|a l IH]; intros H; simpl; [reflexivity|].
  rewrite (H a) by now left. rewrite IH; [lra|]. intros x Hx; apply H; now right.
Qed.

Lemma sum_single {X} (f : X -> Q) l i :
  NoDup l -> In i l -> (forall j, In j l -> j <> i -> f j == 0) -> sum f l == f i.
Proof.
  induction l as [|a l IH]; intros N I H; simpl; [destruct I|].
  inversion N as [|? ? Na Nl]; subst. destruct I as [->|I].
  - rewrite sum_zero; [lra|]. intros x Hx. apply H; [now right|]. intros ->; contradiction.
  - rewrite IH; auto. rewrite (H a); [lra | now left | intros ->; contradiction].
    intros j Hj; apply H; now right.
Qed.

Lemma sum_plus {X} (f g : X -> Q) l : sum (fun x => f x + g x) l == sum f l + sum g l.
Proof. induction l as [|a l IH]; simpl; [lra | rewrite IH; lra]. Qed.

Lemma sum_scale {X} (k : Q) (f : X -> Q) l : sum (fun x => k * f x) l == k * sum f l.
Proof. induction l as [|a l IH]; simpl; [ring | rewrite IH; ring]. Qed.

Lemma sum_le {X} (f g : X -> Q) l : (forall x, In x l -> f x <= g x) -> sum f l <= sum g l.
Proof.
  induction l as [|a l IH]; intros H; simpl; [lra|].
  assert (f a <= g a) by (apply H; now left).
  assert (sum f l <= sum g l) by (apply IH; intros x Hx; apply H; now right). lra.
Qed.

Lemma sum_const {X} (k : Q) (l : list X) : sum (fun _ => k) l == k * size l.
Proof.
  unfold size. induction l as [|a l IH]; [simpl; ring|].
  cbn [sum fold_right length]. fold (sum (fun _ : X => k) l). rewrite IH, Nat2Z.inj_succ. unfold Z.succ. rewrite inject_Z_plus. change (inject_Z 1) with 1. ring.
Qed.

Lemma sum_permutation {X} (f : X -> Q) l m : Permutation l m -> sum f l == sum f m.
Proof. induction 1; simpl; try lra. Qed.
Lemma sum_cons {X} (f : X -> Q) x l : sum f (x :: l) == f x + sum f l.
Proof. reflexivity. Qed.
Lemma sum_nil {X} (f : X -> Q) : sum f [] == 0.
Proof. reflexivity. Qed.

(** ** Hard attention *)
Lemma largest_upper {X} (f : X -> Q) l x : In x l -> f x <= largest f l.
Proof.
  induction l as [|a l IH]; intros I; [destruct I|].
  destruct l as [|b l]; [destruct I as [->|[]]; simpl; lra|].
  change (f x <= (let m := largest f (b :: l) in if Qlt_le_dec (f a) m then m else f a)). cbv zeta.
  destruct (Qlt_le_dec (f a) (largest f (b :: l))) as [H|H], I as [->|I]; try lra.
  - now apply IH.
  - specialize (IH I); lra.
Qed.

Lemma largest_reached {X} (f : X -> Q) l : l <> [] -> exists x, In x l /\ largest f l = f x.
Proof.
  induction l as [|a l IH]; intros N; [congruence|].
  destruct l as [|b l]; [exists a; split; [now left|reflexivity]|].
  destruct IH as (x & Ix & Hx); [discriminate|].
  change (exists y, In y (a :: b :: l) /\
    (let m := largest f (b :: l) in if Qlt_le_dec (f a) m then m else f a) = f y). cbv zeta.
  destruct (Qlt_le_dec (f a) (largest f (b :: l))); [exists x; split; [now right|auto] | exists a; split; [now left|auto]].
Qed.

(** If the positions that satisfy [p] all score [m] and every other one scores less, exactly those are attended to. *)
Lemma attended_spec {X} (score : X -> Q) (p : X -> bool) (m : Q) l :
  (exists x, In x l /\ p x = true) ->
  (forall x, In x l -> p x = true -> score x == m) ->
  (forall x, In x l -> p x = false -> score x < m) ->
  attended score l = filter p l.
Proof.
  intros (x0 & I0 & P0) HT HF. unfold attended.
  assert (E : largest score l == m).
  { assert (N : l <> []) by (intros ->; destruct I0).
    destruct (largest_reached score l N) as (x & Ix & Hx).
    pose proof (largest_upper score l x0 I0) as U. rewrite (HT x0 I0 P0) in U. rewrite Hx in *.
    destruct (p x) eqn:Px; [now apply HT|]. specialize (HF x Ix Px). lra. }
  apply filter_ext_in. intros x Ix. destruct (Qeq_dec (score x) (largest score l)) as [H|H], (p x) eqn:Px; auto.
  - specialize (HF x Ix Px). rewrite E in H. lra.
  - exfalso; apply H. rewrite E. now apply HT.
Qed.

Lemma hard_spec {X} (score value : X -> Q) (p : X -> bool) (m : Q) l :
  (exists x, In x l /\ p x = true) ->
  (forall x, In x l -> p x = true -> score x == m) ->
  (forall x, In x l -> p x = false -> score x < m) ->
  hard score value l == sum value (filter p l) / size (filter p l).
Proof. intros. unfold hard. erewrite attended_spec by eauto. reflexivity. Qed.

Lemma filter_true {X} (l : list X) : filter (fun _ => true) l = l.
Proof. induction l; simpl; congruence. Qed.

Lemma size_pos {X} (l : list X) x : In x l -> 0 < size l.
Proof. destruct l; [intros []|]. intros _. unfold size. cbn [length]. rewrite Nat2Z.inj_succ. unfold Qlt; simpl; lia. Qed.

(** No query, no key: the mean over everything. *)
Lemma hard_mean {X} (score value : X -> Q) l m :
  l <> [] -> (forall x, In x l -> score x == m) -> hard score value l == sum value l / size l.
Proof.
  intros N H. rewrite (hard_spec score value (fun _ => true) m).
  - now rewrite filter_true.
  - destruct l as [|x l]; [congruence|]. exists x; split; [now left|reflexivity].
  - intros; now apply H.
  - discriminate.
Qed.

Lemma largest_map {X Y} (g : X -> Y) (f : Y -> Q) l : largest f (map g l) = largest (fun x => f (g x)) l.
Proof.
  induction l as [|a l IH]; [reflexivity|]. destruct l as [|b l]; [reflexivity|].
  change (map g (a :: b :: l)) with (g a :: map g (b :: l)).
  change (largest f (g a :: map g (b :: l))) with
    (let m := largest f (map g (b :: l)) in if Qlt_le_dec (f (g a)) m then m else f (g a)).
  change (largest (fun x => f (g x)) (a :: b :: l)) with
    (let m := largest (fun x => f (g x)) (b :: l) in if Qlt_le_dec (f (g a)) m then m else f (g a)).
  cbv zeta. now rewrite IH.
Qed.

Lemma filter_map {X Y} (g : X -> Y) (p : Y -> bool) l : filter p (map g l) = map g (filter (fun x => p (g x)) l).
Proof. induction l as [|a l IH]; cbn; [reflexivity|]. rewrite IH. now destruct (p (g a)). Qed.

Lemma hard_map {X Y} (g : X -> Y) (s v : Y -> Q) l :
  hard s v (map g l) == hard (fun x => s (g x)) (fun x => v (g x)) l.
Proof.
  unfold hard, attended. rewrite largest_map, filter_map, sum_map. unfold size. rewrite length_of_map. reflexivity.
Qed.

Lemma size_filter_le {X} (p : X -> bool) l : size (filter p l) <= size l.
Proof.
  unfold size, Qle. cbn. induction l as [|a l IH]; cbn [filter]; [lia|]. destruct (p a); cbn [length]; lia.
Qed.

Lemma size_ge_1 {X} (l : list X) x : In x l -> 1 <= size l.
Proof. destruct l; [intros []|]. intros _. unfold size, Qle. cbn [length]. rewrite Nat2Z.inj_succ. cbn. lia. Qed.

(** Hard attention depends on scores and values only up to equality of rationals. *)
Lemma largest_ext {X} (f f' : X -> Q) l : (forall x, In x l -> f' x == f x) -> largest f' l == largest f l.
Proof.
  induction l as [|a l IH]; intros H; [reflexivity|]. destruct l as [|b l]; [apply H; now left|].
  change (largest f' (a :: b :: l)) with (let m := largest f' (b :: l) in if Qlt_le_dec (f' a) m then m else f' a).
  change (largest f (a :: b :: l)) with (let m := largest f (b :: l) in if Qlt_le_dec (f a) m then m else f a). cbv zeta.
  assert (E := IH (fun x I => H x (or_intror I))). assert (E0 := H a (or_introl eq_refl)).
  destruct (Qlt_le_dec (f' a) (largest f' (b :: l))), (Qlt_le_dec (f a) (largest f (b :: l))); lra.
Qed.
Lemma hard_ext {X} (s s' v v' : X -> Q) l : (forall x, In x l -> s' x == s x) -> (forall x, In x l -> v' x == v x) -> hard s' v' l == hard s v l.
Proof.
  intros Hs Hv. unfold hard. assert (E : attended s' l = attended s l).
  { unfold attended. apply filter_ext_in. intros x I. pose proof (largest_ext s s' l Hs). pose proof (Hs x I).
    destruct (Qeq_dec (s' x) (largest s' l)), (Qeq_dec (s x) (largest s l)); auto; exfalso; lra. }
  rewrite E. rewrite (sum_ext v' v); [reflexivity|]. intros x I. apply Hv. now apply filter_In in I.
Qed.

